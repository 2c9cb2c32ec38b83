using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>Init containers, and those of them that run beside the main ones.</summary>
public sealed class InitTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    [Case("user: init containers in podTemplate", NeedsPods = true)]
    public async Task Init_containers_run_one_after_the_other_and_before_all_others()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, emptyDir: {}}]
            initContainers:
            - {name: one, command: [bash, -c, 'sleep 1; echo one >> /v/order'], volumeMounts: [{name: v, mountPath: /v}]}
            - {name: two, command: [bash, -c, 'sleep 1; echo two >> /v/order'], volumeMounts: [{name: v, mountPath: /v}]}
            containers:
            - {name: main, volumeMounts: [{name: v, mountPath: /v}]}
            """, "echo main >> /v/order; cat /v/order; sleep 1000");
        var early = await AwaitAsync("a", pod => pod.Container("one").Running is not null, "the first one");
        Assert.Equal("Pending", early.Phase);
        Assert.Equal("PodInitializing", early.Main.WaitingReason);
        Assert.Equal("PodInitializing", early.Container("two").WaitingReason);
        Assert.Equal("ContainersNotInitialized", early.Condition("Initialized").Reason);
        Assert.Equal("containers with incomplete status: [one two]", early.Condition("Initialized").Message);

        var ready = await AwaitReadyAsync("a");
        Assert.Equal("one\ntwo\nmain\n", await AwaitLogAsync("a", "main"));
        Assert.Equal("Completed", (string?)ready.Container("one").Terminated!["reason"]);
        Assert.True(ready.Container("one").Ready);
        Assert.True(ready.Condition("Initialized").IsTrue);
    }

    [Case("user: init containers in podTemplate", NeedsPods = true)]
    public async Task A_failed_init_container_is_tried_again_or_fails_its_pod_by_policy()
    {
        await CreateAsync("a", """
            restartPolicy: Never
            initContainers: [{name: one, command: [bash, -c, 'exit 6']}]
            containers: [{name: main}]
            """, "true");
        await CreateAsync("b", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, emptyDir: {}}]
            initContainers: [{name: one, command: [bash, -c, '[ -e /v/ran ] && exit 0; touch /v/ran; exit 6'], volumeMounts: [{name: v, mountPath: /v}]}]
            containers: [{name: main}]
            """, "sleep 1000");

        var failed = await AwaitPhaseAsync("a", "Failed");
        Assert.Equal(6, (int?)failed.Container("one").Terminated!["exitCode"]);
        Assert.Equal("PodInitializing", failed.Main.WaitingReason);
        var again = await AwaitReadyAsync("b");
        Assert.Equal(1, again.Container("one").RestartCount);
    }

    [Case("user: metrics sidecars in podTemplate", NeedsPods = true)]
    public async Task A_sidecar_starts_before_and_ends_after_the_main_container()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 20
            initContainers:
            - name: side
              restartPolicy: Always
              command: [bash, -c, 'trap "date +%s%N; exit 0" TERM; touch /tmp/up; date +%s%N; while :; do sleep 0.05; done']
              startupProbe: {exec: {command: [bash, -c, 'sleep 0.5; test -e /tmp/up']}, periodSeconds: 1}
            containers:
            - name: main
            """, "trap 'sleep 1; date +%s%N; exit 0' TERM; date +%s%N; while :; do sleep 0.05; done");
        var ready = await AwaitReadyAsync("a");
        Assert.True(ready.Container("side").Started);
        var side = FollowAsync("a", "side");
        var main = FollowAsync("a");
        await RemoveAsync("a");

        var times = (Side: Numbers(await side), Main: Numbers(await main));
        Assert.True(times.Side[0] < times.Main[0], $"{times.Side[0]} {times.Main[0]}");
        Assert.True(times.Side[^1] > times.Main[^1], $"{times.Side[^1]} {times.Main[^1]}");
    }

    [Case("user: jobs with sidecars", NeedsPods = true)]
    public async Task A_pod_is_done_when_its_main_containers_are_and_its_sidecars_end_with_them()
    {
        await CreateAsync("a", """
            restartPolicy: Never
            terminationGracePeriodSeconds: 20
            initContainers: [{name: side, restartPolicy: Always, command: [bash, -c, 'trap "exit 0" TERM; while :; do sleep 0.05; done']}]
            containers: [{name: main}]
            """, "sleep 1");
        var pod = await AwaitPhaseAsync("a", "Succeeded");

        Assert.NotNull(pod.Container("side").Terminated);
        Assert.Equal(0, pod.Container("side").RestartCount);
    }

    [Case("user: init containers in podTemplate", NeedsPods = true)]
    public async Task A_pod_whose_init_container_fails_for_good_ends_its_sidecars_too()
    {
        await CreateAsync("a", """
            restartPolicy: Never
            terminationGracePeriodSeconds: 20
            initContainers:
            - {name: side, restartPolicy: Always, command: [bash, -c, 'trap "exit 0" TERM; while :; do sleep 0.05; done']}
            - {name: one, command: [bash, -c, 'exit 6']}
            containers: [{name: main}]
            """, "true");
        var pod = await AwaitPhaseAsync("a", "Failed");

        Assert.NotNull(pod.Container("side").Terminated);
        Assert.Equal(6, (int?)pod.Container("one").Terminated!["exitCode"]);
    }

    static List<long> Numbers(string log) => [.. log.Split('\n').Where(line => line.Length > 0 && line.All(char.IsAsciiDigit)).Select(line => long.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];
}
