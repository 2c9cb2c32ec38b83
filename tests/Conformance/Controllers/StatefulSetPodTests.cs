using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>Which pods a StatefulSet has, in which order they come and go.</summary>
public sealed class StatefulSetPodTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: a shard is a StatefulSet with the policy Parallel")]
    public async Task Parallel_creates_all_pods_at_once_with_stable_names_and_labels()
    {
        var set = await CreateAsync(3, """{"podManagementPolicy":"Parallel","serviceName":"web"}""");
        var pods = await AwaitPodsAsync("web", "web-0", "web-1", "web-2");
        var status = (await Api.AwaitAsync(Path, now => Count(now, "replicas") == 3, "the set to count its pods"))["status"]!;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"web-{i}", LabelOf(pods[i], "statefulset.kubernetes.io/pod-name"));
            Assert.Equal($"{i}", LabelOf(pods[i], "apps.kubernetes.io/pod-index"));
            Assert.Equal((string?)status["updateRevision"], LabelOf(pods[i], "controller-revision-hash"));
            Assert.Equal($"web-{i}", (string?)pods[i]["spec"]!["hostname"]);
            Assert.Equal("web", (string?)pods[i]["spec"]!["subdomain"]);
            Assert.Equal("web-", (string?)pods[i]["metadata"]!["generateName"]);
            Assert.Equal(
                $$"""{"apiVersion":"apps/v1","kind":"StatefulSet","name":"web","uid":"{{UidOf(set)}}","controller":true,"blockOwnerDeletion":true}""",
                Assert.Single(pods[i]["metadata"]!["ownerReferences"]!.AsArray())!.ToJsonString());
        }
    }

    [Case("tests: sets of other operators beside ours")]
    public async Task OrderedReady_creates_a_pod_when_all_before_it_are_ready()
    {
        await CreateAsync(3);
        await Api.AwaitAsync(Path, set => Count(set, "replicas") == 1, "the first pod");
        await AwaitPodsAsync("web", "web-0");
        await RunAsync("web-0", ready: false);
        await RunAsync("web-0");
        await AwaitPodsAsync("web", "web-0", "web-1");
        await RunAsync("web-1");
        await AwaitPodsAsync("web", "web-0", "web-1", "web-2");
    }

    [Case("operator: pods are removed from the highest ordinal down")]
    public async Task Scaling_down_removes_the_highest_ordinals_and_keeps_the_others()
    {
        await CreateAsync(4, """{"podManagementPolicy":"Parallel"}""");
        var before = await AwaitPodsAsync("web", "web-0", "web-1", "web-2", "web-3");
        await MergeAsync(Path, """{"spec":{"replicas":2}}""");
        var after = await AwaitPodsAsync("web", "web-0", "web-1");
        Assert.Equal(before.Take(2).Select(UidOf), after.Select(UidOf));
        await Api.AwaitAsync(Path, set => Count(set, "replicas") == 2 && IsObserved(set), "the set to count its pods");
    }

    [Case("tests: sets of other operators beside ours")]
    public async Task OrderedReady_scales_down_one_by_one()
    {
        await CreateAsync(3);
        foreach (var i in Enumerable.Range(0, 3))
        {
            await AwaitPodsAsync("web", Enumerable.Range(0, i + 1).Select(ordinal => $"web-{ordinal}"));
            await RunAsync($"web-{i}");
        }

        await HoldAsync(Core("pods/web-2"));
        await MergeAsync(Path, """{"spec":{"replicas":1}}""");
        var pods = await AwaitPodsAsync("web", pods => pods.Any(IsGoing), "the highest pod to go");
        await Api.AwaitAsync(Path, IsObserved, "the set to be observed");
        Assert.Equal([false, false, true], pods.Select(IsGoing));
        await LetGoAsync(Core("pods/web-2"));
        await AwaitPodsAsync("web", "web-0");
    }

    [Case("operator: a pod that somebody deletes comes back under its name")]
    public async Task A_deleted_pod_comes_back_with_the_same_name_and_another_uid()
    {
        await CreateAsync(2, """{"podManagementPolicy":"Parallel"}""");
        var before = await AwaitPodsAsync("web", "web-0", "web-1");
        (await Api.DeleteAsync(Core("pods/web-0"))).Expect(200);
        var after = await AwaitPodsAsync("web", pods => pods.Count == 2 && UidOf(pods[0]) != UidOf(before[0]), "another web-0");
        Assert.Equal(UidOf(before[1]), UidOf(after[1]));
    }

    [Case("users: kubectl delete pod, while its StatefulSet makes another one of that name")]
    public async Task Kubectl_delete_pod_returns_though_a_successor_has_its_name()
    {
        await CreateAsync(2, """{"podManagementPolicy":"Parallel"}""");
        await AwaitPodsAsync("web", "web-0", "web-1");
        for (var i = 0; i < 3; i++)
        {
            await Cluster.KubectlAsync("delete", "pod", "-n", Namespace, "web-0", "web-1", "--timeout=30s");
            await AwaitPodsAsync("web", "web-0", "web-1");
        }
    }

    [Case("operator: an evicted or failed pod of a shard is replaced")]
    public async Task Pods_that_failed_or_succeeded_are_replaced()
    {
        await CreateAsync(2, """{"podManagementPolicy":"Parallel"}""");
        var before = await AwaitPodsAsync("web", "web-0", "web-1");
        await EndAsync("web-0", "Failed");
        await EndAsync("web-1", "Succeeded");
        await AwaitPodsAsync("web", pods => pods.Count == 2 && !pods.Select(UidOf).Intersect(before.Select(UidOf)).Any(), "two other pods");
    }

    [Case("tests: sets of other operators beside ours")]
    public async Task Ordinals_can_start_elsewhere()
    {
        await CreateAsync(2, """{"podManagementPolicy":"Parallel","ordinals":{"start":5}}""");
        var pods = await AwaitPodsAsync("web", "web-5", "web-6");
        Assert.Equal("5", LabelOf(pods[0], "apps.kubernetes.io/pod-index"));
    }

    [Case("operator: ready and available pods decide whether a shard is whole")]
    public async Task Status_counts_ready_pods_and_available_ones_after_minReadySeconds()
    {
        await CreateAsync(2, """{"podManagementPolicy":"Parallel","minReadySeconds":3}""");
        await AwaitPodsAsync("web", "web-0", "web-1");
        await RunAsync("web-1");
        var early = await Api.AwaitAsync(Path, set => Count(set, "readyReplicas") == 1, "one ready pod");
        Assert.Equal((2, 0), (Count(early, "replicas"), Count(early, "availableReplicas")));
        await Api.AwaitAsync(Path, set => Count(set, "availableReplicas") == 1, "the ready pod to become available");
        await RunAsync("web-1", ready: false);
        await Api.AwaitAsync(Path, set => Count(set, "readyReplicas") == 0 && Count(set, "availableReplicas") == 0, "no ready pod");
    }

    [Case("operator: it deletes a set with its pods left alone, to make it anew")]
    public async Task A_new_set_takes_over_the_pods_that_an_orphaning_deletion_left()
    {
        await CreateAsync(2, """{"podManagementPolicy":"Parallel"}""");
        var before = await AwaitPodsAsync("web", "web-0", "web-1");
        await Cluster.KubectlAsync("delete", "statefulset", "-n", Namespace, "web", "--cascade=orphan");
        var orphans = await AwaitPodsAsync("web", pods => pods.All(pod => !OwnersOf(pod).Any()), "pods without an owner");
        Assert.Equal(before.Select(UidOf), orphans.Select(UidOf));

        var set = await CreateAsync(2, """{"podManagementPolicy":"Parallel","updateStrategy":{"type":"OnDelete"}}""");
        var adopted = await AwaitPodsAsync("web", pods => pods.All(pod => OwnersOf(pod).SequenceEqual([UidOf(set)])), "pods that the new set owns");
        Assert.Equal(before.Select(UidOf), adopted.Select(UidOf));
        await Api.AwaitAsync(Path, now => Count(now, "replicas") == 2, "the set to count its pods");
    }

    [Case("operator: nobody's pod is taken from him")]
    public async Task A_pod_with_another_controller_is_not_taken_over()
    {
        var owner = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("owner"))).Expect(201);
        var foreign = new JsonObject
        {
            ["metadata"] = JsonNode.Parse($$"""{"name":"web-1","labels":{"app":"web"},"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{UidOf(owner)}}","controller":true}]}"""),
            ["spec"] = PodSpec(),
        };
        (await Api.PostAsync(Core("pods"), foreign)).Expect(201);
        await CreateAsync(2, """{"podManagementPolicy":"Parallel"}""");
        var pods = await AwaitPodsAsync("web", "web-0", "web-1");
        await Api.AwaitAsync(Path, set => Count(set, "replicas") == 1, "the set to count its own pod");
        Assert.Equal([UidOf(owner)], OwnersOf(pods[1]));
    }

    [Case("users: a pod taken out of its set by a label, to look at it")]
    public async Task A_pod_whose_labels_no_longer_match_is_let_go_and_taken_back()
    {
        var set = await CreateAsync(1, """{"podManagementPolicy":"Parallel"}""");
        await AwaitPodsAsync("web", "web-0");
        await MergeAsync(Core("pods/web-0"), """{"metadata":{"labels":{"app":"other"}}}""");
        await Api.AwaitAsync(Core("pods/web-0"), pod => !OwnersOf(pod).Any(), "the pod to be let go");
        await MergeAsync(Core("pods/web-0"), """{"metadata":{"labels":{"app":"web"}}}""");
        await Api.AwaitAsync(Core("pods/web-0"), pod => OwnersOf(pod).SequenceEqual([UidOf(set)]), "the pod to be taken back");
    }

    [Case("users: kubectl describe statefulset")]
    public async Task Events_say_which_pods_were_created_and_deleted_and_why_one_was_not()
    {
        await CreateAsync(1);
        await AwaitEventAsync("web", "SuccessfulCreate", "create Pod web-0 in StatefulSet web successful");
        await MergeAsync(Path, """{"spec":{"replicas":0}}""");
        await AwaitEventAsync("web", "SuccessfulDelete", "delete Pod web-0 in StatefulSet web successful");
        await MergeAsync(Path, """{"spec":{"replicas":1,"template":{"spec":{"priorityClassName":"none-such"}}}}""");
        await AwaitEventAsync("web", "FailedCreate", "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: no PriorityClass with name none-such was found");
    }

    [Case("operator: it never asks for what cannot be changed, and says why when a user does")]
    public async Task Fields_that_make_a_set_what_it_is_cannot_be_changed()
    {
        await CreateAsync(0);
        foreach (var change in (string[])["""{"spec":{"podManagementPolicy":"Parallel"}}""", """{"spec":{"serviceName":"other"}}""", """{"spec":{"selector":{"matchLabels":{"app":"web","tier":"x"}},"template":{"metadata":{"labels":{"tier":"x"}}}}}"""])
        {
            var refusal = (await Api.PatchAsync(Path, PatchType.Merge, JsonNode.Parse(change)!)).ExpectRefusal(422, "Invalid");
            Assert.Contains("StatefulSet.apps \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', ", refusal.Message, StringComparison.Ordinal);
            Assert.EndsWith("'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Case("users: kubectl scale statefulset")]
    public async Task The_scale_subresource_shows_and_sets_the_replicas()
    {
        await CreateAsync(1, """{"podManagementPolicy":"Parallel"}""");
        await Api.AwaitAsync(Path, set => Count(set, "replicas") == 1, "the first pod");
        var scale = (await Api.GetAsync($"{Path}/scale")).Expect(200);
        Assert.Equal(("Scale", "autoscaling/v1", 1, 1, "app=web"), ((string?)scale["kind"], (string?)scale["apiVersion"], (int?)scale["spec"]!["replicas"], (int?)scale["status"]!["replicas"], (string?)scale["status"]!["selector"]));
        scale["spec"]!["replicas"] = 2;
        (await Api.PutAsync($"{Path}/scale", scale)).Expect(200);
        await AwaitPodsAsync("web", "web-0", "web-1");
        await Cluster.KubectlAsync("scale", "statefulset", "-n", Namespace, "web", "--replicas=0");
        await AwaitPodsAsync("web");
    }

    string Path => Group("apps/v1", "statefulsets/web");

    async Task<JsonObject> CreateAsync(int replicas, string spec = "{}") =>
        (await Api.PostAsync(Group("apps/v1", "statefulsets"), Workload("StatefulSet", "web", replicas, spec))).Expect(201);
}
