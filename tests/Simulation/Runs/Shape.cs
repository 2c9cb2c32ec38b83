namespace Slotwise.Simulation.Runs;

/// <summary>What a run begins with.</summary>
public sealed record Shape
{
    public required int Shards { get; init; }

    public required int Replicas { get; init; }

    /// <summary>Whether every server has a volume; else keys are in memory alone.</summary>
    public required bool HasVolumes { get; init; }

    /// <summary>What the pods run, such as redis:7.0.</summary>
    public required string Image { get; init; }

    /// <summary>cluster-node-timeout.</summary>
    public required TimeSpan NodeTimeout { get; init; }

    /// <summary>Whether a second cluster is in the same world, with which addresses can be exchanged.</summary>
    public bool HasNeighbour { get; init; }

    /// <summary>How many different keys clients write.</summary>
    public required int Keys { get; init; }

    /// <summary>How long a client waits between two commands.</summary>
    public required TimeSpan Pause { get; init; }
}
