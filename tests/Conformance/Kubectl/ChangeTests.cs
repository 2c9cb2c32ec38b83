using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Kubectl;

/// <summary>kubectl as users change things with it.</summary>
public sealed class ChangeTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    const string Settings = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: a, labels: {x: one}}
        data: {k: v, l: w}
        """;

    [Case("user: kubectl apply, diff")]
    public async Task Apply_changes_what_differs_and_removes_what_is_gone()
    {
        Assert.Equal("configmap/a created", await OnAsync(Settings, "apply", "-f", "-"));
        Assert.Equal("configmap/a unchanged", await OnAsync(Settings, "apply", "-f", "-"));
        var less = Settings.Replace(", l: w", "", StringComparison.Ordinal);
        var diff = await Cluster.TryKubectlAsync(less, "diff", "-n", Namespace, "-f", "-");
        Assert.Equal("configmap/a configured", await OnAsync(less, "apply", "-f", "-"));

        Assert.Equal(1, diff.ExitCode);
        Assert.Contains("\n-  l: w\n", diff.Output, StringComparison.Ordinal);
        Assert.Equal("""{"k":"v"}""", (await Api.GetAsync(Core("configmaps/a"))).Expect(200)["data"]!.ToJsonString());
    }

    [Case("user: kubectl apply --server-side")]
    public async Task Server_side_apply_tells_conflicts()
    {
        Assert.Equal("configmap/a serverside-applied", await OnAsync(Settings, "apply", "--server-side", "--field-manager=one", "-f", "-"));
        var refused = await Cluster.TryKubectlAsync(Settings.Replace("k: v", "k: x", StringComparison.Ordinal), "apply", "-n", Namespace, "--server-side", "--field-manager=two", "-f", "-");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"one\": .data.k", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("configmap/a serverside-applied", await OnAsync(Settings.Replace("k: v", "k: x", StringComparison.Ordinal), "apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", "-"));
    }

    [Case("user: kubectl apply --validate=strict")]
    public async Task A_typing_error_in_a_manifest_is_refused()
    {
        var refused = await Cluster.TryKubectlAsync(Settings.Replace("\ndata:", "\ndat:", StringComparison.Ordinal), "apply", "-n", Namespace, "--validate=strict", "-f", "-");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("unknown field \"dat\"", refused.ToString(), StringComparison.Ordinal);
    }

    [Case("user: kubectl create")]
    public async Task Create_makes_the_kinds_that_it_knows()
    {
        Assert.Equal("configmap/c created", await OnAsync("", "create", "configmap", "c", "--from-literal=k=v"));
        Assert.Equal("secret/s created", await OnAsync("", "create", "secret", "generic", "s", "--from-literal=k=v"));
        Assert.Equal("serviceaccount/sa created", await OnAsync("", "create", "serviceaccount", "sa"));
        Assert.Equal("dg==", (string?)(await Api.GetAsync(Core("secrets/s"))).Expect(200)["data"]!["k"]);
        var again = await Cluster.TryKubectlAsync("", "create", "configmap", "c", "-n", Namespace);
        Assert.Contains("failed to create configmap: configmaps \"c\" already exists", again.ToString(), StringComparison.Ordinal);
    }

    [Case("user: kubectl label, annotate, patch, replace")]
    public async Task Objects_are_changed_in_place()
    {
        await OnAsync(Settings, "create", "-f", "-");
        Assert.Equal("configmap/a labeled", await OnAsync("", "label", "configmap", "a", "y=two", "x-"));
        Assert.Equal("configmap/a annotated", await OnAsync("", "annotate", "configmap", "a", "example.com/note=yes"));
        Assert.Equal("configmap/a patched", await OnAsync("", "patch", "configmap", "a", "-p", """{"data":{"k":"patched"}}"""));
        var changed = (await Api.GetAsync(Core("configmaps/a"))).Expect(200);
        Assert.Equal("configmap/a replaced", await OnAsync(Settings, "replace", "-f", "-"));

        Assert.Equal("""{"y":"two"}""", changed["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal("yes", (string?)changed["metadata"]!["annotations"]!["example.com/note"]);
        Assert.Equal("patched", (string?)changed["data"]!["k"]);
        Assert.Equal("v", (string?)(await Api.GetAsync(Core("configmaps/a"))).Expect(200)["data"]!["k"]);
    }

    [Case("user: kubectl scale, rollout, describe of StatefulSets")]
    public async Task Sets_are_scaled_restarted_and_described()
    {
        await OnAsync("""
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: web}
            spec:
              serviceName: web
              replicas: 0
              selector: {matchLabels: {app: web}}
              template: {metadata: {labels: {app: web}}, spec: {nodeSelector: {example.com/nowhere: x}, containers: [{name: c, image: "debian:12"}]}}
            """, "apply", "-f", "-");

        Assert.Equal("statefulset.apps/web scaled", await OnAsync("", "scale", "statefulset", "web", "--replicas=1"));
        Assert.Equal("statefulset.apps/web restarted", await OnAsync("", "rollout", "restart", "statefulset/web"));
        var set = (await Api.GetAsync(Group("apps/v1", "statefulsets/web"))).Expect(200);
        var described = await OnAsync("", "describe", "statefulset", "web");

        Assert.Equal(1, (int?)set["spec"]!["replicas"]);
        Assert.NotNull(set["spec"]!["template"]!["metadata"]!["annotations"]!["kubectl.kubernetes.io/restartedAt"]);
        Assert.Matches(@"Replicas: +1 desired \| \d total", described);
        Assert.Contains("Image:", described, StringComparison.Ordinal);
    }

    [Case("user: kubectl wait, delete")]
    public async Task Waiting_and_deleting_come_to_an_end()
    {
        await OnAsync(Settings, "create", "-f", "-");
        Assert.Equal("configmap/a condition met", await OnAsync("", "wait", "configmap/a", "--for=jsonpath={.data.k}=v", "--timeout=30s"));
        Assert.Contains("configmap \"a\" deleted", await OnAsync("", "delete", "configmap", "a", "--wait"), StringComparison.Ordinal);
        Assert.Equal("", await OnAsync("", "wait", "configmap/a", "--for=delete", "--timeout=30s"));
    }

    [Case("user: kubectl delete --cascade")]
    public async Task Dependents_are_left_or_taken_as_asked()
    {
        await OnAsync(Settings, "create", "-f", "-");
        var owner = (await Api.GetAsync(Core("configmaps/a"))).Expect(200);
        await OwnedAsync("b");
        await OnAsync("", "delete", "configmap", "a", "--cascade=orphan");
        var orphan = await Api.AwaitAsync(Core("configmaps/b"), obj => obj["metadata"]!["ownerReferences"] is null, "to have no owner");

        await OnAsync(Settings, "create", "-f", "-");
        owner = (await Api.GetAsync(Core("configmaps/a"))).Expect(200);
        await OwnedAsync("c");
        await OnAsync("", "delete", "configmap", "a", "--cascade=foreground");

        Assert.NotNull(orphan);
        (await Api.GetAsync(Core("configmaps/c"))).ExpectRefusal(404, "NotFound");

        async Task OwnedAsync(string name)
        {
            var body = Manifest.ConfigMap(name);
            body["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["name"] = "a",
                ["uid"] = (string?)owner["metadata"]!["uid"],
                ["blockOwnerDeletion"] = true,
            });
            (await Api.PostAsync(Core("configmaps"), body)).Expect(201);
        }
    }

    async Task<string> OnAsync(string input, params string[] arguments)
    {
        var result = await Cluster.TryKubectlAsync(input, [.. arguments, "-n", Namespace]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.TrimEnd();
    }
}
