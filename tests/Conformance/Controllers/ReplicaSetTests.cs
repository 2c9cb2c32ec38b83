using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>So many pods of one template.</summary>
public sealed class ReplicaSetTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: its own Deployment")]
    public async Task A_set_has_as_many_pods_as_it_asks_for_and_replaces_those_that_go()
    {
        var set = await CreateAsync(3);
        var pods = await AwaitPodsAsync("web", pods => pods.Count == 3, "three pods");
        Assert.All(pods, pod => Assert.StartsWith("web-", NameOf(pod), StringComparison.Ordinal));
        Assert.All(pods, pod => Assert.Equal([UidOf(set)], OwnersOf(pod)));
        (await Api.DeleteAsync(Core($"pods/{NameOf(pods[0])}"))).Expect(200);
        await EndAsync(NameOf(pods[1]), "Failed");
        await AwaitPodsAsync("web", now => now.Count(pod => (string?)pod["status"]!["phase"] != "Failed") == 3 && now.Any(pod => UidOf(pod) == UidOf(pods[2])) && now.All(pod => UidOf(pod) != UidOf(pods[0])), "two others");
        await MergeAsync(Path, """{"spec":{"replicas":0}}""");
        await AwaitPodsAsync("web", now => now.All(pod => (string?)pod["status"]!["phase"] == "Failed"), "no pods but the failed one");
    }

    [Case("operator: its own Deployment")]
    public async Task A_smaller_set_loses_pods_that_are_not_ready_first()
    {
        await CreateAsync(3);
        var pods = await AwaitPodsAsync("web", pods => pods.Count == 3, "three pods");
        await RunAsync(NameOf(pods[1]));
        await Api.AwaitAsync(Path, now => Count(now, "readyReplicas") == 1 && Count(now, "availableReplicas") == 1 && Count(now, "fullyLabeledReplicas") == 3, "one ready pod");
        await MergeAsync(Path, """{"spec":{"replicas":1}}""");
        var left = await AwaitPodsAsync("web", now => now.Count == 1, "one pod");
        Assert.Equal(UidOf(pods[1]), UidOf(left[0]));
    }

    [Case("users: kubectl describe replicaset")]
    public async Task A_set_that_cannot_make_pods_says_why()
    {
        await CreateAsync(1, """{"template":{"metadata":{"labels":{"app":"web"}},"spec":{"priorityClassName":"none-such","containers":[{"name":"main","image":"x"}]}}}""");
        var failed = await Api.AwaitAsync(Path, now => now["status"]?["conditions"] is not null, "a condition");
        var condition = failed["status"]!["conditions"]![0]!;
        Assert.Equal(("ReplicaFailure", "True", "FailedCreate"), ((string?)condition["type"], (string?)condition["status"], (string?)condition["reason"]));
        Assert.Contains("no PriorityClass with name none-such was found", (string?)condition["message"], StringComparison.Ordinal);
        await AwaitEventAsync("web", "FailedCreate", "Error creating: pods \"web-");
    }

    string Path => Group("apps/v1", "replicasets/web");

    async Task<JsonObject> CreateAsync(int replicas, string spec = "{}") =>
        (await Api.PostAsync(Group("apps/v1", "replicasets"), Workload("ReplicaSet", "web", replicas, spec))).Expect(201);
}
