using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Pods;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

public sealed class PodStatusTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Always", "w", "Pending")]
    [InlineData("Always", "r", "Running")]
    [InlineData("Always", "rw", "Pending")]
    [InlineData("Always", "rc", "Running")]
    [InlineData("Always", "1", "Running")]
    [InlineData("Always", "0", "Running")]
    [InlineData("Never", "00", "Succeeded")]
    [InlineData("Never", "01", "Failed")]
    [InlineData("Never", "r1", "Running")]
    [InlineData("OnFailure", "00", "Succeeded")]
    [InlineData("OnFailure", "01", "Running")]
    public void The_phase_follows_from_the_containers(string policy, string containers, string expected)
    {
        var snapshots = containers.Select((state, i) => new ContainerSnapshot(ContainerKind.Main, Status($"c{i}", state))).ToList();
        Assert.Equal(expected, Of(policy, snapshots).Phase);
    }

    [Fact]
    public void A_pod_whose_init_container_has_not_ended_is_pending_and_says_which()
    {
        var status = Of("Always", [new(ContainerKind.Init, Status("setup", 'r')), new(ContainerKind.Main, Status("main", 'w'))]);
        Assert.Equal("Pending", status.Phase);
        var initialized = status.Conditions!.Single(condition => condition.Type == "Initialized");
        Assert.Equal(("False", "containers with incomplete status: [setup]"), (initialized.Status, initialized.Message));
    }

    [Fact]
    public void An_init_container_that_failed_for_good_fails_the_pod() =>
        Assert.Equal("Failed", Of("Never", [new(ContainerKind.Init, Status("setup", '1')), new(ContainerKind.Main, Status("main", 'w'))]).Phase);

    [Fact]
    public void A_pod_is_ready_when_all_its_containers_are_and_the_time_of_a_condition_is_that_of_its_change()
    {
        var ready = Status("main", 'r') with { Ready = true };
        var first = Of("Always", [new(ContainerKind.Main, ready)]);
        Assert.Equal("True", first.Conditions!.Single(condition => condition.Type == "Ready").Status);
        var pod = new V1Pod { Status = first };
        var later = BuildPodStatus.Of(pod, [new(ContainerKind.Main, ready)], "10.0.0.2", "10.0.0.1", Now.AddMinutes(1));
        Assert.Equal(Now, later.Conditions!.Single(condition => condition.Type == "Ready").LastTransitionTime);
        var unready = BuildPodStatus.Of(pod, [new(ContainerKind.Main, ready with { Ready = false })], "10.0.0.2", "10.0.0.1", Now.AddMinutes(1));
        var condition = unready.Conditions!.Single(condition => condition.Type == "Ready");
        Assert.Equal(("False", "ContainersNotReady", "containers with unready status: [main]", Now.AddMinutes(1)), (condition.Status, condition.Reason, condition.Message, condition.LastTransitionTime));
    }

    [Fact]
    public void Conditions_of_others_stay()
    {
        var other = new V1PodCondition { Type = "DisruptionTarget", Status = "True" };
        var status = BuildPodStatus.Of(new V1Pod { Status = new V1PodStatus { Conditions = [other] } }, [new(ContainerKind.Main, Status("main", 'r'))], null, "10.0.0.1", Now);
        Assert.Contains(other, status.Conditions!);
    }

    static V1PodStatus Of(string policy, IReadOnlyList<ContainerSnapshot> containers) =>
        BuildPodStatus.Of(new V1Pod { Spec = new V1PodSpec { RestartPolicy = policy } }, containers, "10.0.0.2", "10.0.0.1", Now);

    /// <summary>Waiting, running, in crash back-off, or ended with a code.</summary>
    static V1ContainerStatus Status(string name, char state) => new()
    {
        Name = name,
        State = state switch
        {
            'w' or 'c' => new V1ContainerState { Waiting = new V1ContainerStateWaiting() },
            'r' => new V1ContainerState { Running = new V1ContainerStateRunning() },
            _ => new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = state - '0' } },
        },
        LastState = state == 'c' ? new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 1 } } : null,
    };
}
