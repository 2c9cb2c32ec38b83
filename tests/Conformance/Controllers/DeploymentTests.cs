using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>How the pods of a Deployment, such as the operator's own, are exchanged for those of a new template.</summary>
public sealed class DeploymentTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    const string NewTemplate = """{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""";

    [Case("operator: config/manager and the chart are a Deployment")]
    public async Task Its_pods_come_from_a_ReplicaSet_named_after_the_template()
    {
        var deployment = await CreateAsync(2);
        var spec = deployment["spec"]!;
        Assert.Equal("""{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}}""", spec["strategy"]!.ToJsonString());
        Assert.Equal((10, 600), ((int?)spec["revisionHistoryLimit"], (int?)spec["progressDeadlineSeconds"]));
        var pods = await AwaitPodsAsync("web", pods => pods.Count == 2, "two pods");
        var set = Assert.Single(await SetsAsync(_ => true));
        var hash = LabelOf(set, "pod-template-hash");
        Assert.Equal($"web-{hash}", NameOf(set));
        Assert.Equal([UidOf(deployment)], OwnersOf(set));
        Assert.Equal(("1", "2", "3"), (AnnotationOf(set, "deployment.kubernetes.io/revision"), AnnotationOf(set, "deployment.kubernetes.io/desired-replicas"), AnnotationOf(set, "deployment.kubernetes.io/max-replicas")));
        Assert.Equal(hash, (string?)set["spec"]!["selector"]!["matchLabels"]!["pod-template-hash"]);
        Assert.All(pods, pod => Assert.Equal(hash, LabelOf(pod, "pod-template-hash")));
        Assert.All(pods, pod => Assert.StartsWith($"web-{hash}-", NameOf(pod), StringComparison.Ordinal));
        var seen = await Api.AwaitAsync(Path, now => Count(now, "unavailableReplicas") == 2 && IsObserved(now), "two unavailable pods");
        Assert.Equal("1", AnnotationOf(seen, "deployment.kubernetes.io/revision"));
        Assert.Equal(("False", "MinimumReplicasUnavailable"), ConditionOf(seen, "Available"));
    }

    [Case("users: kubectl rollout status, history, undo and restart of the operator")]
    public async Task A_rolling_update_never_has_fewer_available_pods_nor_more_pods_than_it_may()
    {
        await CreateAsync(2, """{"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}""");
        await ReadyAsync(2);
        var complete = await Api.AwaitAsync(Path, now => ConditionOf(now, "Progressing") == ("True", "NewReplicaSetAvailable"), "the first rollout to be complete");
        Assert.Equal(("True", "MinimumReplicasAvailable"), ConditionOf(complete, "Available"));
        var first = Assert.Single(await SetsAsync(_ => true));

        await MergeAsync(Path, NewTemplate);
        for (var step = 1; step <= 2; step++)
        {
            var pods = await AwaitPodsAsync("web", pods => pods.Count == 3, "one pod more than wanted");
            var fresh = Assert.Single(pods, pod => AnnotationOf(pod, "version") == "2" && !IsReady(pod));
            await RunAsync(NameOf(fresh));
            await AwaitPodsAsync("web", pods => pods.Count(pod => AnnotationOf(pod, "version") is null) == 2 - step, "one old pod fewer");
        }

        await Api.AwaitAsync(Path, now => IsObserved(now) && Count(now, "updatedReplicas") == 2 && Count(now, "replicas") == 2 && Count(now, "availableReplicas") == 2, "the rollout to be complete");
        Assert.Contains("successfully rolled out", await Cluster.KubectlAsync("rollout", "status", "deployment/web", "-n", Namespace, "--timeout=60s"), StringComparison.Ordinal);
        var history = await Cluster.KubectlAsync("rollout", "history", "deployment/web", "-n", Namespace);
        Assert.Matches(@"(?s)REVISION.*\n1 .*\n2 ", history);
        await AwaitEventAsync("web", "ScalingReplicaSet", $"Scaled down replica set {NameOf(first)} from 1 to 0");

        await Cluster.KubectlAsync("rollout", "undo", "deployment/web", "-n", Namespace);
        var again = await SetsAsync(sets => sets.Any(set => UidOf(set) == UidOf(first) && (int?)set["spec"]!["replicas"] > 0));
        Assert.Equal("3", AnnotationOf(again.Single(set => UidOf(set) == UidOf(first)), "deployment.kubernetes.io/revision"));
        Assert.Equal(2, again.Count);
    }

    [Case("operator: one replica that may be replaced only by another")]
    public async Task Recreate_ends_all_old_pods_before_the_first_new_one_comes()
    {
        await CreateAsync(2, """{"strategy":{"type":"Recreate"}}""");
        var before = await AwaitPodsAsync("web", pods => pods.Count == 2, "two pods");
        foreach (var pod in before)
        {
            await HoldAsync(Core($"pods/{NameOf(pod)}"));
        }

        await MergeAsync(Path, NewTemplate);
        await AwaitPodsAsync("web", pods => pods.Count == 2 && pods.All(IsGoing), "the old pods to go");
        await LetGoAsync(Core($"pods/{NameOf(before[0])}"));
        await Api.AwaitAsync(Path, IsObserved, "the change to be observed");
        Assert.DoesNotContain(await AwaitPodsAsync("web", pods => pods.Count == 1, "one old pod"), pod => AnnotationOf(pod, "version") == "2");
        await LetGoAsync(Core($"pods/{NameOf(before[1])}"));
        await AwaitPodsAsync("web", pods => pods.Count == 2 && pods.All(pod => AnnotationOf(pod, "version") == "2"), "two new pods");
    }

    [Case("users: kubectl scale deployment")]
    public async Task Scaling_changes_the_ReplicaSet_and_keeps_the_pods()
    {
        await CreateAsync(1);
        var before = await AwaitPodsAsync("web", pods => pods.Count == 1, "one pod");
        await Cluster.KubectlAsync("scale", "deployment/web", "-n", Namespace, "--replicas=3");
        var pods = await AwaitPodsAsync("web", pods => pods.Count == 3, "three pods");
        Assert.Contains(UidOf(before[0]), pods.Select(UidOf));
        var set = Assert.Single(await SetsAsync(sets => sets.All(set => AnnotationOf(set, "deployment.kubernetes.io/desired-replicas") == "3")));
        Assert.Equal("4", AnnotationOf(set, "deployment.kubernetes.io/max-replicas"));
        Assert.Equal(3, (int?)(await Api.GetAsync($"{Path}/scale")).Expect(200)["spec"]!["replicas"]);
    }

    [Case("users: kubectl rollout pause and resume")]
    public async Task A_paused_deployment_rolls_nothing_out_and_is_scaled_all_the_same()
    {
        await CreateAsync(1);
        await AwaitPodsAsync("web", pods => pods.Count == 1, "one pod");
        await Cluster.KubectlAsync("rollout", "pause", "deployment/web", "-n", Namespace);
        await MergeAsync(Path, NewTemplate);
        await MergeAsync(Path, """{"spec":{"replicas":2}}""");
        await AwaitPodsAsync("web", pods => pods.Count == 2 && pods.All(pod => AnnotationOf(pod, "version") is null), "two old pods");
        await Api.AwaitAsync(Path, now => ConditionOf(now, "Progressing") == ("Unknown", "DeploymentPaused"), "the condition to say that it is paused");
        await Cluster.KubectlAsync("rollout", "resume", "deployment/web", "-n", Namespace);
        await AwaitPodsAsync("web", pods => pods.Any(pod => AnnotationOf(pod, "version") == "2"), "a new pod");
    }

    [Case("users: kubectl rollout status of an operator that does not start")]
    public async Task A_rollout_without_progress_is_said_to_be_late()
    {
        await CreateAsync(1, """{"progressDeadlineSeconds":2}""");
        await Api.AwaitAsync(Path, now => ConditionOf(now, "Progressing") == ("False", "ProgressDeadlineExceeded"), "the deadline to pass");
        var said = await Cluster.TryKubectlAsync("", "rollout", "status", "deployment/web", "-n", Namespace, "--timeout=60s");
        Assert.Contains("deployment \"web\" exceeded its progress deadline", said.ToString(), StringComparison.Ordinal);
    }

    [Case("operator: it changes its own image often, and history must not grow")]
    public async Task Old_ReplicaSets_are_removed_above_the_limit()
    {
        await CreateAsync(1, """{"revisionHistoryLimit":1}""");
        await AwaitPodsAsync("web", pods => pods.Count == 1, "the first pod");
        for (var version = 2; version <= 4; version++)
        {
            await MergeAsync(Path, NewTemplate.Replace("2", $"{version}", StringComparison.Ordinal));
            var pods = await AwaitPodsAsync("web", pods => pods.Any(pod => AnnotationOf(pod, "version") == $"{version}"), "a new pod");
            await RunAsync(NameOf(pods.First(pod => AnnotationOf(pod, "version") == $"{version}")));
            await AwaitPodsAsync("web", pods => pods.Count == 1, "the old pod to go");
        }

        await SetsAsync(sets => sets.Select(set => AnnotationOf(set, "deployment.kubernetes.io/revision")).Order().SequenceEqual(["3", "4"]));
    }

    [Case("users: mistakes in a Deployment are refused as Kubernetes refuses them")]
    public async Task What_cannot_work_is_refused()
    {
        await CreateAsync(1);
        var selector = (await Api.PatchAsync(Path, PatchType.Merge, JsonNode.Parse("""{"spec":{"selector":{"matchLabels":{"tier":"x"}},"template":{"metadata":{"labels":{"tier":"x"}}}}}""")!)).ExpectRefusal(422, "Invalid");
        Assert.Contains(("spec.selector", "FieldValueInvalid"), selector.Causes.Select(cause => (cause.Field, cause.Reason)));
        Assert.EndsWith("field is immutable", selector.Message, StringComparison.Ordinal);
        var other = Workload("Deployment", "other", 1, """{"selector":{"matchLabels":{"app":"x"}}}""");
        Assert.Contains("`selector` does not match template `labels`", (await Api.PostAsync(Group("apps/v1", "deployments"), other)).ExpectRefusal(422, "Invalid").Message, StringComparison.Ordinal);
        var both = Workload("Deployment", "both", 1, """{"strategy":{"type":"Recreate","rollingUpdate":{"maxSurge":1}}}""");
        Assert.Contains("spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'", (await Api.PostAsync(Group("apps/v1", "deployments"), both)).ExpectRefusal(422, "Invalid").Message, StringComparison.Ordinal);
    }

    [Case("users: kubectl set image and kubectl create deployment")]
    public async Task Kubectl_creates_a_deployment_and_changes_one_container_of_it()
    {
        await Cluster.KubectlAsync("create", "deployment", "made", "-n", Namespace, "--image=registry.example.com/none:1", "--replicas=0");
        await Cluster.KubectlAsync("set", "image", "deployment/made", "-n", Namespace, "none=registry.example.com/none:2");
        await Cluster.KubectlAsync("rollout", "restart", "deployment/made", "-n", Namespace);
        var made = (await Api.GetAsync(Group("apps/v1", "deployments/made"))).Expect(200);
        Assert.Equal("registry.example.com/none:2", (string?)Assert.Single(made["spec"]!["template"]!["spec"]!["containers"]!.AsArray())!["image"]);
        Assert.NotNull(made["spec"]!["template"]!["metadata"]!["annotations"]!["kubectl.kubernetes.io/restartedAt"]);
        var listed = await Cluster.KubectlAsync("get", "deployments", "-n", Namespace);
        Assert.Matches(@"NAME +READY +UP-TO-DATE +AVAILABLE +AGE\s+made +0/0 +0 +0 ", listed);
    }

    string Path => Group("apps/v1", "deployments/web");

    async Task<JsonObject> CreateAsync(int replicas, string spec = "{}") =>
        (await Api.PostAsync(Group("apps/v1", "deployments"), Workload("Deployment", "web", replicas, spec))).Expect(201);

    async Task ReadyAsync(int count)
    {
        foreach (var pod in await AwaitPodsAsync("web", pods => pods.Count == count, $"{count} pods"))
        {
            await RunAsync(NameOf(pod));
        }

        await Api.AwaitAsync(Path, now => Count(now, "availableReplicas") == count, $"{count} available pods");
    }

    Task<IReadOnlyList<JsonObject>> SetsAsync(Func<IReadOnlyList<JsonObject>, bool> condition) => AwaitAllAsync(Group("apps/v1", "replicasets?labelSelector=app%3Dweb"), condition, "ReplicaSets");

    static string? AnnotationOf(JsonObject obj, string name) => (string?)obj["metadata"]!["annotations"]?[name];

    static bool IsReady(JsonObject pod) => pod["status"]!["conditions"]?.AsArray().Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True") == true;

    static (string?, string?) ConditionOf(JsonObject obj, string type) =>
        obj["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type) is { } found ? ((string?)found["status"], (string?)found["reason"]) : (null, null);
}
