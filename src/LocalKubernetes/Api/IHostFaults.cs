namespace Slotwise.LocalKubernetes.Api;

/// <summary>What the API server asks for trouble with hosts: whoever runs them. Kubernetes learns of it as it would of real trouble.</summary>
public interface IHostFaults
{
    /// <summary>Does one thing to a host; it has happened when this returns.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: it cannot happen to this host now; why.</exception>
    Task InflictAsync(HostFault fault, CancellationToken cancellationToken);
}

/// <summary>Trouble for one host.</summary>
public abstract record HostFault
{
    /// <summary>Which host.</summary>
    public required string Host { get; init; }
}

/// <summary>The power goes: every process of it is killed at once and nothing is reported. Or it comes back, and the host boots.</summary>
public sealed record PowerFault(bool On) : HostFault;

/// <summary>The network between the host and something else carries nothing, or again everything. Its processes live on, and are probed.</summary>
/// <param name="Others"><see cref="Hosts"/>, <see cref="Server"/>, <see cref="Machine"/>, names of hosts or of zones; empty when mending means all.</param>
public sealed record HostLinkFault(IReadOnlyList<string> Others, bool Cut) : HostFault
{
    /// <summary>All other hosts.</summary>
    public const string Hosts = "@hosts";

    /// <summary>The API server: the host's agent and its pods do not reach it.</summary>
    public const string Server = "@server";

    /// <summary>The machine itself, as its pods see it: an operator that runs there.</summary>
    public const string Machine = "@machine";
}

/// <summary>The wall clocks of its pods that asked for adjustable ones jump, and those of later ones are as wrong.</summary>
/// <param name="Offset">Ahead of the machine's clock; zero: right again.</param>
public sealed record HostClockFault(TimeSpan Offset) : HostFault;

/// <summary>A part of what its pods send and get is lost, at random.</summary>
/// <param name="Percent">0 to 100.</param>
public sealed record HostLossFault(int Percent) : HostFault;
