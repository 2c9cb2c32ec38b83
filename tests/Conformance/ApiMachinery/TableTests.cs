using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Rows and columns that kubectl prints as they are.</summary>
public sealed class TableTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    const string Table = "application/json;as=Table;g=meta.k8s.io;v=v1";

    [Case("user: kubectl get")]
    public async Task A_list_becomes_columns_and_a_row_for_each_object()
    {
        (await Api.PostAsync(Core("secrets"), Manifest.Json("""{"metadata":{"name":"a","labels":{"x":"1"}},"stringData":{"k":"v","l":"w"}}"""))).Expect(201);

        var table = (await Api.GetAsync(Core("secrets?labelSelector=x"), Table)).Expect(200);

        Assert.Equal(("Table", "meta.k8s.io/v1"), ((string?)table["kind"], (string?)table["apiVersion"]));
        Assert.Equal((string[])["Name", "Type", "Data", "Age"], Columns(table));
        var row = Assert.Single(table["rows"]!.AsArray())!;
        Assert.Equal((string[])["a", "Opaque", "2"], row["cells"]!.AsArray().Take(3).Select(cell => cell!.ToString()));
        Assert.Equal(("PartialObjectMetadata", "a"), ((string?)row["object"]!["kind"], (string?)row["object"]!["metadata"]!["name"]));
        Assert.Null(row["object"]!["data"]);
        Assert.NotNull(table["metadata"]!["resourceVersion"]);
    }

    [Case("user: kubectl get -o wide")]
    public async Task Pods_say_what_they_are_doing()
    {
        var pod = Manifest.Pod("a", "sleep 60");
        pod["spec"]!["nodeSelector"] = new JsonObject { ["example.com/nowhere"] = Namespace };
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);

        var table = (await Api.GetAsync(Core("pods/a"), Table)).Expect(200);

        Assert.Equal((string[])["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates"], Columns(table));
        var cells = table["rows"]![0]!["cells"]!.AsArray().Select(cell => cell!.ToString()).ToList();
        Assert.Equal((string[])["a", "0/1", "Pending", "0"], cells[..4]);
        Assert.Equal((string[])["<none>", "<none>", "<none>", "<none>"], cells[5..]);
        Assert.Equal((string[])["0", "0", "0", "0", "0", "1", "1", "1", "1"], table["columnDefinitions"]!.AsArray().Select(column => column!["priority"]!.ToString()));
    }

    [Case("user: kubectl get --sort-by, -o custom-columns")]
    public async Task Rows_carry_what_was_asked_for()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        var whole = (await Api.GetAsync(Core("configmaps/a?includeObject=Object"), Table)).Expect(200);
        var none = (await Api.GetAsync(Core("configmaps/a?includeObject=None"), Table)).Expect(200);
        (await Api.GetAsync(Core("configmaps/a?includeObject=Some"), Table)).ExpectRefusal(400, "BadRequest");
        (await Api.GetAsync(Core("configmaps/a"), "application/json;as=Table;g=meta.k8s.io;v=v9")).ExpectRefusal(406, "NotAcceptable");

        Assert.Equal("v", (string?)whole["rows"]![0]!["object"]!["data"]!["k"]);
        Assert.Null(none["rows"]![0]!["object"]);
    }

    static IEnumerable<string> Columns(JsonObject table) => table["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!);
}
