using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Kubectl;

/// <summary>kubectl get, in its forms.</summary>
public sealed class GetTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("user: kubectl get")]
    public async Task Objects_are_shown_in_every_form()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"b","labels":{"x":"1"}},"data":{"k":"w"}}"""))).Expect(201);
        (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a","labels":{"x":"2"}},"data":{"k":"v"}}"""))).Expect(201);

        Assert.Equal("configmap/a\nconfigmap/b", await GetAsync("configmaps", "-l", "x", "-o", "name"));
        Assert.Equal("v w", await GetAsync("cm", "-l", "x", "-o", "jsonpath={.items[*].data.k}"));
        Assert.Matches("^NAME +X\na +2\nb +1$", await GetAsync("cm", "-l", "x", "-o", "custom-columns=NAME:.metadata.name,X:.metadata.labels.x"));
        Assert.Matches(@"^NAME +DATA +AGE\nb +1 +\S+\na +1 +\S+$", await GetAsync("cm", "-l", "x", "--sort-by=.metadata.labels.x"));
        Assert.Matches(@"^a +1 +\S+ +x=2$", await GetAsync("cm", "a", "--no-headers", "--show-labels"));
        Assert.Contains("\n  k: v\n", await GetAsync("cm", "a", "-o", "yaml"), StringComparison.Ordinal);
        Assert.Contains("\"k\": \"v\"", await GetAsync("cm", "a", "-o", "json"), StringComparison.Ordinal);
        Assert.Equal("a", await GetAsync("cm", "-o", "jsonpath={.items[*].metadata.name}", "--field-selector", "metadata.name=a"));
    }

    [Case("user: kubectl get of what is not there")]
    public async Task Mistakes_are_told()
    {
        var missing = await Cluster.TryKubectlAsync("", "get", "configmap", "none", "-n", Namespace);
        var unknown = await Cluster.TryKubectlAsync("", "get", "widgets", "-n", Namespace);
        Assert.Contains("Error from server (NotFound): configmaps \"none\" not found", missing.ToString(), StringComparison.Ordinal);
        Assert.Contains("the server doesn't have a resource type \"widgets\"", unknown.ToString(), StringComparison.Ordinal);
        Assert.Equal("", await GetAsync("configmap", "none", "--ignore-not-found"));
    }

    [Case("user: kubectl explain, api-resources, api-versions")]
    public async Task The_server_explains_its_kinds()
    {
        var replicas = await Cluster.KubectlAsync("explain", "statefulset.spec.replicas");
        Assert.Matches("KIND: +StatefulSet", replicas);
        Assert.Contains("FIELD: replicas <integer>", replicas, StringComparison.Ordinal);
        Assert.Contains("containers\t<[]Container> -required-", await Cluster.KubectlAsync("explain", "pod.spec"), StringComparison.Ordinal);
        Assert.Matches(@"statefulsets +sts +apps/v1 +true +StatefulSet", await Cluster.KubectlAsync("api-resources", "--api-group=apps"));
        Assert.Contains("policy/v1\n", await Cluster.KubectlAsync("api-versions") + "\n", StringComparison.Ordinal);
    }

    async Task<string> GetAsync(params string[] arguments) => (await Cluster.KubectlAsync(["get", "-n", Namespace, .. arguments])).TrimEnd();
}
