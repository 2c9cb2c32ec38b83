using System.Net;

namespace Slotwise.LocalKubernetes.Api;

/// <summary>What the API server asks for trouble: whoever runs the pods. Kubernetes knows nothing of it, as with trouble that comes by itself.</summary>
public interface IPodFaults
{
    /// <summary>Does one thing to a pod; it has happened when this returns.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: it cannot happen to this pod now; why.</exception>
    Task InflictAsync(PodFault fault, CancellationToken cancellationToken);
}

/// <summary>Trouble for one pod.</summary>
public abstract record PodFault
{
    /// <summary>Which pod.</summary>
    public required string PodUid { get; init; }
}

/// <summary>All processes of a container stop where they are, or go on.</summary>
/// <param name="Container">Null: the pod's first.</param>
public sealed record PauseFault(string? Container, bool Paused) : PodFault;

/// <summary>A signal to a container's process 1: 9 kills it, and the node starts the container again in place.</summary>
/// <param name="Container">Null: the pod's first.</param>
/// <param name="Signal">1 to 31.</param>
public sealed record SignalFault(string? Container, int Signal) : PodFault;

/// <summary>The network between the pod and something else carries nothing, or again everything. It ends with the pod.</summary>
/// <param name="Others"><see cref="Pods"/>, <see cref="Host"/>, or uids of pods; empty when mending means all.</param>
public sealed record LinkFault(IReadOnlyList<string> Others, bool Cut) : PodFault
{
    /// <summary>All other pods.</summary>
    public const string Pods = "@pods";

    /// <summary>The machine itself, and with it the node's probes and an operator that runs there.</summary>
    public const string Host = "@host";
}

/// <summary>The wall clock of a pod that asked for an adjustable one jumps.</summary>
/// <param name="Offset">Ahead of the machine's clock; zero: right again.</param>
public sealed record ClockFault(TimeSpan Offset) : PodFault;

/// <summary>The next pod of the same name gets this address, when it is free.</summary>
public sealed record AddressFault(IPAddress NextAddress) : PodFault;
