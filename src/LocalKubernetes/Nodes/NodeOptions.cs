using System.Globalization;
using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>How a node behaves. The defaults are quicker than a kubelet where that changes no order of events.</summary>
public sealed record NodeOptions
{
    /// <summary>The first, second, ... host: <c>localkube-0</c> in <c>zone-a</c>, <c>localkube-1</c> in <c>zone-b</c>, and so on, each in a zone of its own.</summary>
    public static NodeOptions Of(int index) => new()
    {
        Name = $"localkube-{index.ToString(CultureInfo.InvariantCulture)}",
        Zone = $"zone-{(char)('a' + index)}",
    };

    public string Name { get; init; } = "localkube-0";

    public string Zone { get; init; } = "zone-a";

    /// <summary>How often it says that it is alive: the kubelet's nodeStatusUpdateFrequency, and a quarter of its lease.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest time between two writes of a pod's status; the first is immediate. A real kubelet takes up to about a second.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long after a container's start its first probes are asked; up to twice that, at random. Gives a server time to listen.</summary>
    public TimeSpan FirstProbeDelay { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>How often the node looks what became of its containers (kubelet's PLEG, 1 s): what they do by themselves is noticed only then. Zero: at once.</summary>
    public TimeSpan RelistInterval { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// How often a pod's volumes are compared with the objects that they show (kubelet's syncFrequency, 1 min and up to half as long again). Zero: as soon as an
    /// object changes.
    /// </summary>
    public TimeSpan VolumeSyncInterval { get; init; } = TimeSpan.Zero;

    /// <summary>Whether probes are asked at multiples of their period since the pod came to the node, as the kubelet's workers do; else soon after the container's start.</summary>
    public bool ProbesTick { get; init; }

    /// <summary>The same with the delays that a kubelet has with its default configuration.</summary>
    public NodeOptions WithKubeletDelays() => this with { RelistInterval = TimeSpan.FromSeconds(1), VolumeSyncInterval = TimeSpan.FromMinutes(1), ProbesTick = true };

    /// <summary>How often something that is missing (a ConfigMap, a claim) is looked for again though nothing is heard of it.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Who makes the tokens that its pods' volumes show; null: nobody.</summary>
    public IPodTokens? Tokens { get; init; }

    /// <summary>How long containers have to end when the node itself stops.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
