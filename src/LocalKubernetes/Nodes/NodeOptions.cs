namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>How a node behaves. The defaults are quicker than a kubelet where that changes no order of events.</summary>
public sealed record NodeOptions
{
    public string Name { get; init; } = "localkube-0";

    public string Zone { get; init; } = "zone-0";

    /// <summary>The shortest time between two writes of a pod's status; the first is immediate. A real kubelet takes up to about a second.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long after a container's start its first probes are asked; up to twice that, at random. Gives a server time to listen.</summary>
    public TimeSpan FirstProbeDelay { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>How often something that is missing (a ConfigMap, a claim) is looked for again though nothing is heard of it.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long containers have to end when the node itself stops.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
