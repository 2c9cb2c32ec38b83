namespace Slotwise.Reconcilers.Planning.Spreading;

/// <summary>Where a server runs, as far as it counts.</summary>
/// <param name="Host">The host; null where hosts do not count.</param>
/// <param name="Zone">The zone; null where zones do not count or are not known.</param>
public readonly record struct MasterPlace(string? Host, string? Zone);

/// <summary>Where the master of a shard is, and where it could be.</summary>
/// <param name="Master">The place of the master.</param>
/// <param name="Candidates">The places of the replicas that could take over.</param>
public sealed record ShardPlaces(MasterPlace Master, IReadOnlyList<MasterPlace> Candidates);

/// <summary>A handover that spreads masters.</summary>
/// <param name="Shard">The place of the shard in the list that was given.</param>
/// <param name="Candidate">The place of the replica in the list of the shard's candidates.</param>
public readonly record struct SpreadMove(int Shard, int Candidate);
