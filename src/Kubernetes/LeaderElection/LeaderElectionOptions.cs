namespace Slotwise.Kubernetes.LeaderElection;

/// <summary>Which lease is contended for, by whom, and how fast.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>How much a wait between two tries may exceed <see cref="RetryPeriod"/>.</summary>
    internal const double JitterFactor = 1.2;

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Tells this process from all others: the pod's name and a random suffix, as a restarted pod is another process.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait, after they last saw the lease renewed, before they take it.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader goes on without a renewal.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the lease is renewed, or tried for.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <exception cref="ArgumentException">The times would allow two leaders, or none.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Namespace);
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentException.ThrowIfNullOrEmpty(Identity);
        if (LeaseDuration <= RenewDeadline)
        {
            throw new ArgumentException($"LeaseDuration {LeaseDuration.TotalSeconds} s must be longer than RenewDeadline {RenewDeadline.TotalSeconds} s");
        }

        if (RenewDeadline <= RetryPeriod * JitterFactor)
        {
            throw new ArgumentException($"RenewDeadline {RenewDeadline.TotalSeconds} s must be longer than {JitterFactor} x RetryPeriod {RetryPeriod.TotalSeconds} s");
        }

        if (RetryPeriod <= TimeSpan.Zero || LeaseDuration < TimeSpan.FromSeconds(1))
        {
            throw new ArgumentException($"RetryPeriod {RetryPeriod.TotalSeconds} s must be positive and LeaseDuration {LeaseDuration.TotalSeconds} s at least one second");
        }
    }
}
