using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>How a StatefulSet's pods come to a new template, and what it remembers of the old ones.</summary>
public sealed class StatefulSetUpdateTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    const string NewTemplate = """{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""";
    const string OldTemplate = """{"spec":{"template":{"metadata":{"annotations":null}}}}""";

    [Case("operator: OnDelete leaves to it which pod goes when")]
    public async Task OnDelete_changes_a_pod_only_when_it_is_deleted()
    {
        await CreateAsync(2, """{"podManagementPolicy":"Parallel","updateStrategy":{"type":"OnDelete"}}""");
        var before = await AllReadyAsync(2);
        var first = (string?)before["status"]!["updateRevision"];
        Assert.Equal(first, (string?)before["status"]!["currentRevision"]);
        await MergeAsync(Path, NewTemplate);
        var changed = await Api.AwaitAsync(Path, set => IsObserved(set) && (string?)set["status"]!["updateRevision"] != first, "a new revision");
        var second = (string?)changed["status"]!["updateRevision"];
        Assert.Equal((first, 2, 0), ((string?)changed["status"]!["currentRevision"], Count(changed, "currentReplicas"), Count(changed, "updatedReplicas")));

        (await Api.DeleteAsync(Core("pods/web-0"))).Expect(200);
        var pods = await AwaitPodsAsync("web", pods => pods.Count == 2 && LabelOf(pods[0], "controller-revision-hash") == second, "web-0 with the new template");
        Assert.Equal(first, LabelOf(pods[1], "controller-revision-hash"));
        (await Api.DeleteAsync(Core("pods/web-1"))).Expect(200);
        await AwaitPodsAsync("web", pods => pods.Count == 2 && pods.All(pod => LabelOf(pod, "controller-revision-hash") == second), "both with the new template");
        var done = await AllReadyAsync(2);
        // Kubernetes never calls such an update complete: the current revision stays the old one.
        Assert.Equal((first, second, 2), ((string?)done["status"]!["currentRevision"], (string?)done["status"]!["updateRevision"], Count(done, "updatedReplicas")));
        Assert.Equal(0, Count(done, "currentReplicas"));
    }

    [Case("users: kubectl rollout restart statefulset of the peers that we are compared with")]
    public async Task RollingUpdate_replaces_one_pod_after_the_other_from_the_highest_down()
    {
        await CreateAsync(3, """{"podManagementPolicy":"Parallel"}""");
        var before = await AllReadyAsync(3);
        await MergeAsync(Path, NewTemplate);
        var second = (string?)(await Api.AwaitAsync(Path, set => set["status"]!["updateRevision"]!.ToString() != before["status"]!["updateRevision"]!.ToString(), "a new revision"))["status"]!["updateRevision"];
        foreach (var ordinal in (int[])[2, 1, 0])
        {
            var pods = await AwaitPodsAsync("web", pods => pods.Count == 3 && LabelOf(pods[ordinal], "controller-revision-hash") == second, $"web-{ordinal} with the new template");
            Assert.All(pods.Take(ordinal), pod => Assert.NotEqual(second, LabelOf(pod, "controller-revision-hash")));
            await Api.AwaitAsync(Path, set => Count(set, "updatedReplicas") == 3 - ordinal, "the set to count its updated pods");
            await RunAsync($"web-{ordinal}");
        }

        var done = await Api.AwaitAsync(Path, set => (string?)set["status"]!["currentRevision"] == second, "the new revision to be the current one");
        Assert.Equal((3, 3), (Count(done, "currentReplicas"), Count(done, "updatedReplicas")));
    }

    [Case("users: a canary by the partition")]
    public async Task A_partition_keeps_the_lower_pods_as_they_are()
    {
        await CreateAsync(3, """{"podManagementPolicy":"Parallel","updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":2}}}""");
        var first = (string?)(await AllReadyAsync(3))["status"]!["updateRevision"];
        await MergeAsync(Path, NewTemplate);
        await AwaitPodsAsync("web", pods => pods.Count == 3 && LabelOf(pods[2], "controller-revision-hash") != first, "web-2 with the new template");
        await RunAsync("web-2");
        await Api.AwaitAsync(Path, set => Count(set, "readyReplicas") == 3 && Count(set, "updatedReplicas") == 1 && Count(set, "currentReplicas") == 2, "one updated pod and two current ones");
        (await Api.DeleteAsync(Core("pods/web-1"))).Expect(200);
        var pods = await AwaitPodsAsync("web", "web-0", "web-1", "web-2");
        Assert.Equal([first, first], pods.Take(2).Select(pod => LabelOf(pod, "controller-revision-hash")));
    }

    [Case("operator: it reads from revisions which template a pod has")]
    public async Task A_revision_holds_the_template_and_an_old_template_is_its_old_revision_again()
    {
        var set = await CreateAsync(1, """{"podManagementPolicy":"Parallel","updateStrategy":{"type":"OnDelete"}}""");
        var first = await AwaitRevisionsAsync(revisions => revisions.Count == 1);
        var revision = first[0];
        Assert.Equal((string?)(await AllReadyAsync(1))["status"]!["updateRevision"], NameOf(revision));
        Assert.StartsWith("web-", NameOf(revision), StringComparison.Ordinal);
        Assert.Equal(NameOf(revision)["web-".Length..], LabelOf(revision, "controller.kubernetes.io/hash"));
        Assert.Equal(1, (int?)revision["revision"]);
        Assert.Equal([UidOf(set)], OwnersOf(revision));
        Assert.Equal("replace", (string?)revision["data"]!["spec"]!["template"]!["$patch"]);
        Assert.Equal(Images.Shell, (string?)revision["data"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);

        await MergeAsync(Path, NewTemplate);
        await AwaitRevisionsAsync(revisions => revisions.Any(one => (int?)one["revision"] == 2));
        await MergeAsync(Path, OldTemplate);
        var again = await AwaitRevisionsAsync(revisions => revisions.Any(one => (int?)one["revision"] == 3));
        Assert.Equal(2, again.Count);
        Assert.Equal(NameOf(revision), NameOf(again.Single(one => (int?)one["revision"] == 3)));
        await Api.AwaitAsync(Path, now => (string?)now["status"]!["updateRevision"] == NameOf(revision), "the old revision to be the newest");
    }

    [Case("operator: it changes templates often, and history must not grow")]
    public async Task Revisions_that_no_pod_has_are_removed_above_the_limit()
    {
        await CreateAsync(0, """{"revisionHistoryLimit":1}""");
        await AwaitRevisionsAsync(revisions => revisions.Count == 1);
        for (var version = 1; version <= 3; version++)
        {
            await MergeAsync(Path, NewTemplate.Replace("2", $"{version}", StringComparison.Ordinal));
            await AwaitRevisionsAsync(revisions => revisions.Any(one => (int?)one["revision"] == version + 1));
        }

        // the present one, and one before it
        await AwaitRevisionsAsync(revisions => revisions.Select(one => (int?)one["revision"]).Order().SequenceEqual([3, 4]));
    }

    [Case("users: kubectl rollout status and undo")]
    public async Task Kubectl_rollout_knows_when_an_update_is_complete_and_undoes_it()
    {
        await CreateAsync(1, """{"podManagementPolicy":"Parallel"}""");
        var first = (string?)(await AllReadyAsync(1))["status"]!["updateRevision"];
        await MergeAsync(Path, NewTemplate);
        await AwaitPodsAsync("web", pods => pods.Count == 1 && LabelOf(pods[0], "controller-revision-hash") != first, "web-0 with the new template");
        await RunAsync("web-0");
        var said = await Cluster.KubectlAsync("rollout", "status", "statefulset/web", "-n", Namespace, "--timeout=60s");
        Assert.Contains("partitioned roll out complete: 1 new pods have been updated...", said, StringComparison.Ordinal);
        await Cluster.KubectlAsync("rollout", "undo", "statefulset/web", "-n", Namespace);
        await AwaitPodsAsync("web", pods => pods.Count == 1 && LabelOf(pods[0], "controller-revision-hash") == first, "web-0 with the old template");
    }

    string Path => Group("apps/v1", "statefulsets/web");

    async Task<JsonObject> CreateAsync(int replicas, string spec) =>
        (await Api.PostAsync(Group("apps/v1", "statefulsets"), Workload("StatefulSet", "web", replicas, spec))).Expect(201);

    async Task<JsonObject> AllReadyAsync(int count)
    {
        await AwaitPodsAsync("web", Enumerable.Range(0, count).Select(ordinal => $"web-{ordinal}"));
        foreach (var ordinal in Enumerable.Range(0, count))
        {
            await RunAsync($"web-{ordinal}");
        }

        return await Api.AwaitAsync(Path, set => Count(set, "readyReplicas") == count && Count(set, "replicas") == count, $"{count} ready pods");
    }

    Task<IReadOnlyList<JsonObject>> AwaitRevisionsAsync(Func<IReadOnlyList<JsonObject>, bool> condition) =>
        AwaitAllAsync(Group("apps/v1", "controllerrevisions?labelSelector=app%3Dweb"), condition, "revisions");
}
