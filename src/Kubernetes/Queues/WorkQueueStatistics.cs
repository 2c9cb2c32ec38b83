namespace Slotwise.Kubernetes.Queues;

/// <summary>What a work queue is doing, at one moment.</summary>
public sealed record WorkQueueStatistics
{
    /// <summary>Keys that wait for a worker.</summary>
    public int Depth { get; init; }

    /// <summary>Keys that wait for their time.</summary>
    public int Delayed { get; init; }

    /// <summary>Keys that workers have.</summary>
    public int Processing { get; init; }

    /// <summary>Keys put into the queue since the start; those already in it not counted.</summary>
    public long Adds { get; init; }

    /// <summary>Keys put back after a failure since the start.</summary>
    public long Retries { get; init; }

    /// <summary>Keys that workers have finished with since the start.</summary>
    public long Completed { get; init; }

    /// <summary>How long all keys together have waited for a worker.</summary>
    public TimeSpan TimeQueued { get; init; }

    /// <summary>How long workers have worked on the keys that they have finished with.</summary>
    public TimeSpan TimeWorked { get; init; }

    /// <summary>How long the slowest of the running passes has been running.</summary>
    public TimeSpan LongestRunning { get; init; }
}
