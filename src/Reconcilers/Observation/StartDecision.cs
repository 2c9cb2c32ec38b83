namespace Slotwise.Reconcilers.Observation;

/// <summary>What the gate of the start script decided before it started this process (gate.sh). The name of its configuration file says it for as long as it runs.</summary>
public enum StartDecision
{
    /// <summary>There was nothing to decide: <c>redis.conf</c>.</summary>
    Ordinary,

    /// <summary>It was a master, lost its memory, and another node has its slots by now.</summary>
    Replaced,

    /// <summary>It was a master, lost its memory, and everybody who could have its keys has none.</summary>
    Emptied,

    /// <summary>It was a master, lost its memory, and has a dump that is older: the newest that there is.</summary>
    Restored,

    /// <summary>It was a master, lost its memory, and was allowed to start empty although a replica that may have its keys does not answer.</summary>
    Resigned,
}
