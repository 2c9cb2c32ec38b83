using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>How much a ledger writes, and where.</summary>
sealed record LedgerOptions
{
    /// <summary>Begins every key: nothing else may have it.</summary>
    public required string Prefix { get; init; }

    /// <summary>How many keys it writes, again and again; at least <see cref="LedgerLayout.KeysPerWriter"/> for each writer.</summary>
    public int Keys { get; init; } = 10_000;

    /// <summary>How many commands may be on their way at a time.</summary>
    public int Writers { get; init; } = 16;

    /// <summary>How many commands a second in all; null for as many as there can be.</summary>
    public int? Rate { get; init; }

    /// <summary>Whether what is read while writing goes on may come from a replica. What a replica has not yet is not lost: then the master is asked.</summary>
    public ReadFrom ReadFrom { get; init; }
}
