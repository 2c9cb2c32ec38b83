using Slotwise.LocalKubernetes.Controllers.Hosts;

namespace Slotwise.Simulation.Kubernetes;

/// <summary>How long things take in the simulated Kubernetes. They are drawn from anew each time.</summary>
public sealed record KubernetesDelays
{
    /// <summary>One way between a client and the API server.</summary>
    public Between Request { get; init; } = Between.Milliseconds(1, 4);

    /// <summary>From a change to the watch event that tells of it, beside what a run adds for a kind.</summary>
    public Between Watch { get; init; } = Between.Milliseconds(1, 8);

    /// <summary>From a change to the pass of the controller that it concerns.</summary>
    public Between Controller { get; init; } = Between.Milliseconds(5, 40);

    /// <summary>From a change to the kubelet that it concerns.</summary>
    public Between Kubelet { get; init; } = Between.Milliseconds(5, 50);

    /// <summary>Network and volumes of a pod.</summary>
    public Between PodStart { get; init; } = Between.Milliseconds(200, 900);

    /// <summary>An image that the host has not yet.</summary>
    public Between Pull { get; init; } = Between.Milliseconds(500, 4000);

    /// <summary>From a change of a pod on its host to the write of its status: bursts become one write.</summary>
    public Between Status { get; init; } = Between.Milliseconds(100, 1100);

    /// <summary>From the end of a pod's last container until nothing of it is left.</summary>
    public Between TearDown { get; init; } = Between.Milliseconds(100, 700);

    /// <summary>How often a kubelet looks what became of its containers: what they do by themselves is noticed only then.</summary>
    public TimeSpan Relist { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From a change of a ConfigMap or Secret to the files of the pods that mount it.</summary>
    public Between VolumeSync { get; init; } = Between.Milliseconds(0, 60_000);

    /// <summary>From a change of a pod to the files that show its own fields.</summary>
    public Between FieldSync { get; init; } = Between.Milliseconds(100, 2000);

    /// <summary>From a pod's new address to the name server that tells it.</summary>
    public Between Names { get; init; } = Between.Milliseconds(50, 2000);

    /// <summary>A host from power on to its kubelet.</summary>
    public Between Boot { get; init; } = Between.Milliseconds(8000, 20_000);

    /// <summary>How patient the control plane is with hosts.</summary>
    public HostDelays Hosts { get; init; } = new() { Grace = TimeSpan.FromSeconds(40) };
}

/// <summary>From the shortest to the longest.</summary>
public readonly record struct Between(TimeSpan Shortest, TimeSpan Longest)
{
    public static Between Milliseconds(int shortest, int longest) => new(TimeSpan.FromMilliseconds(shortest), TimeSpan.FromMilliseconds(longest));

    public TimeSpan Draw(Random random) => Shortest + TimeSpan.FromTicks((long)(random.NextDouble() * (Longest - Shortest).Ticks));
}
