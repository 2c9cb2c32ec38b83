using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>What a pod's status says while it comes up, runs and ends.</summary>
public sealed class StatusTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    [Case("operator: a pod's host is its host for life", NeedsPods = true)]
    public async Task What_is_fixed_in_a_pod_cannot_be_changed()
    {
        await CreateAsync("a", "terminationGracePeriodSeconds: 0\ncontainers: [{name: main}]\ntolerations: [{key: mine, operator: Exists}]", "sleep 1000");
        await AwaitReadyAsync("a");

        foreach (var patch in new[] { """{"spec":{"nodeName":"other"}}""", """{"spec":{"terminationGracePeriodSeconds":5}}""", """{"spec":{"hostname":"other"}}""", """{"spec":{"tolerations":[]}}""" })
        {
            var refused = (await Api.PatchAsync(Core("pods/a"), PatchType.Merge, Manifest.Json(patch))).ExpectRefusal(422, "Invalid");
            Assert.StartsWith("Pod \"a\" is invalid: spec", refused.Message, StringComparison.Ordinal);
        }
    }

    [Case("operator: observation of pods", NeedsPods = true)]
    public async Task A_running_pod_shows_where_it_is_and_how_its_containers_are()
    {
        await CreateAsync("a", """
            containers:
            - {name: main, command: [bash, -c, 'trap exit TERM; while :; do sleep 0.1; done']}
            """);
        var pod = await AwaitReadyAsync("a");

        Assert.Equal("Running", pod.Phase);
        Assert.NotEmpty(pod.PodIP!);
        Assert.Equal(pod.PodIP, (string?)pod.Status["podIPs"]![0]!["ip"]);
        var host = (await Api.GetAsync($"/api/v1/nodes/{(string?)pod.Json["spec"]!["nodeName"]}")).Expect(200);
        Assert.Equal((string?)pod.Status["hostIP"], (string?)host["status"]!["addresses"]!.AsArray().First(address => (string?)address!["type"] == "InternalIP")!["address"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string?)pod.Status["startTime"]);
        Assert.Equal("BestEffort", (string?)pod.Status["qosClass"]);
        Assert.Null(pod.Status["nominatedNodeName"]);
        Assert.Null(pod.Reason);
        Assert.All(new[] { "PodScheduled", "Initialized", "ContainersReady", "Ready" }, type => Assert.True(pod.Condition(type).IsTrue, pod.Json.ToString()));
        Assert.All(new[] { "PodScheduled", "Initialized", "ContainersReady", "Ready" }, type => Assert.Null(pod.Condition(type).Reason));
        var main = pod.Main;
        Assert.True(main.Ready && main.Started);
        Assert.Equal(0, main.RestartCount);
        Assert.Matches("^[a-z-]+://[0-9a-f]{64}$", main.Id);
        Assert.NotEmpty((string)main.Json["imageID"]!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string?)main.Running!["startedAt"]);
        Assert.Empty(main.Json["lastState"]!.AsObject());
        Assert.Null(main.Waiting);
        Assert.Null(main.Terminated);
    }

    [Case("user: jobs beside the cluster", NeedsPods = true)]
    public async Task A_pod_whose_containers_all_succeed_is_Succeeded()
    {
        await CreateAsync("a", """
            restartPolicy: Never
            containers:
            - {name: main, command: [bash, -c, 'exit 0']}
            """);
        var pod = await AwaitPhaseAsync("a", "Succeeded");

        Assert.Equal(0, (int?)pod.Main.Terminated!["exitCode"]);
        Assert.Equal("Completed", (string?)pod.Main.Terminated["reason"]);
        Assert.NotNull(pod.Main.Terminated["startedAt"]);
        Assert.NotNull(pod.Main.Terminated["finishedAt"]);
        Assert.Equal(pod.Main.Id, (string?)pod.Main.Terminated["containerID"]);
        Assert.False(pod.Main.Ready);
        Assert.False(pod.Main.Started);
        Assert.Equal("False", pod.Condition("Ready").Status);
        Assert.Equal("PodCompleted", pod.Condition("Ready").Reason);
        Assert.Equal("PodCompleted", pod.Condition("ContainersReady").Reason);
        Assert.True(pod.Condition("Initialized").IsTrue);
    }

    [Case("operator: law 4, proof that a process ended", NeedsPods = true)]
    public async Task A_pod_with_a_container_that_failed_is_Failed_when_nothing_restarts_it()
    {
        await CreateAsync("a", """
            restartPolicy: Never
            containers:
            - {name: main, command: [bash, -c, 'exit 3']}
            - {name: other, command: [bash, -c, 'exit 0']}
            """);
        var pod = await AwaitPhaseAsync("a", "Failed");

        Assert.Equal(3, (int?)pod.Main.Terminated!["exitCode"]);
        Assert.Equal("Error", (string?)pod.Main.Terminated["reason"]);
        Assert.Equal("Completed", (string?)pod.Container("other").Terminated!["reason"]);
        Assert.Equal("False", pod.Condition("Ready").Status);
        Assert.Equal("PodFailed", pod.Condition("Ready").Reason);
    }

    [Case("user: kubectl describe pod", NeedsPods = true)]
    public async Task What_a_container_leaves_in_its_termination_message_file_is_in_its_status()
    {
        await CreateAsync("a", """
            restartPolicy: Never
            containers:
            - {name: main, command: [bash, -c, 'echo -n gone because > /dev/termination-log; exit 1']}
            - {name: other, terminationMessagePath: /tmp/why, command: [bash, -c, 'echo -n elsewhere > /tmp/why']}
            - {name: log, terminationMessagePolicy: FallbackToLogsOnError, command: [bash, -c, 'echo first; echo last words; exit 1']}
            """);
        var pod = await AwaitPhaseAsync("a", "Failed");

        Assert.Equal("gone because", (string?)pod.Main.Terminated!["message"]);
        Assert.Equal("elsewhere", (string?)pod.Container("other").Terminated!["message"]);
        Assert.Equal("first\nlast words\n", (string?)pod.Container("log").Terminated!["message"]);
    }

    [Case("operator: observation of pods", NeedsPods = true)]
    public async Task The_class_of_service_follows_from_requests_and_limits()
    {
        async Task<string?> ClassOf(string name, string resources) =>
            (string?)(await CreateAsync(name, $"terminationGracePeriodSeconds: 0\ncontainers: [{{name: main, resources: {resources}}}]", "sleep 100")).Status["qosClass"];

        Assert.Equal("Guaranteed", await ClassOf("a", "{limits: {cpu: 10m, memory: 16Mi}}"));
        Assert.Equal("Burstable", await ClassOf("b", "{requests: {memory: 16Mi}}"));
        Assert.Equal("Burstable", await ClassOf("c", "{limits: {memory: 16Mi}}"));
        Assert.Equal("BestEffort", await ClassOf("d", "{}"));
    }

    [Case("user: kubectl get pod", NeedsPods = true)]
    public async Task A_pod_that_was_active_for_too_long_fails()
    {
        await CreateAsync("a", """
            activeDeadlineSeconds: 1
            terminationGracePeriodSeconds: 0
            containers:
            - {name: main, command: [bash, -c, 'sleep 1000']}
            """);
        var pod = await AwaitPhaseAsync("a", "Failed");

        Assert.Equal("DeadlineExceeded", pod.Reason);
        Assert.StartsWith("Pod was active on the node longer than the specified deadline", pod.Message, StringComparison.Ordinal);
    }

    [Case("user: load balancers' readiness gates", NeedsPods = true)]
    public async Task A_pod_with_a_readiness_gate_is_ready_only_when_somebody_says_so()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            readinessGates: [{conditionType: example.com/gate}]
            containers:
            - {name: main, command: [bash, -c, 'sleep 1000']}
            """);
        var waiting = await AwaitAsync("a", pod => pod.Condition("ContainersReady").IsTrue, "its containers to be ready");
        Assert.Equal("False", waiting.Condition("Ready").Status);
        Assert.Equal("ReadinessGatesNotReady", waiting.Condition("Ready").Reason);
        Assert.Equal("corresponding condition of pod readiness gate \"example.com/gate\" does not exist.", waiting.Condition("Ready").Message);

        (await Api.PatchAsync(Core("pods/a/status"), PatchType.Strategic, Manifest.Yaml("status: {conditions: [{type: example.com/gate, status: 'True'}]}"))).Expect(200);

        var ready = await AwaitReadyAsync("a");
        Assert.True(ready.Condition("example.com/gate").IsTrue);
    }
}
