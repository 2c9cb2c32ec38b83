namespace Slotwise.Simulation.Runs;

/// <summary>What clients were promised: of every key the versions that a master acknowledged, less those that a fault may have cost.</summary>
sealed class Ledger
{
    readonly SortedDictionary<string, LedgerEntry> _entries = new(StringComparer.Ordinal);

    public IEnumerable<LedgerEntry> Entries => IsVoid ? [] : _entries.Values;

    /// <summary>Whether nothing can be asked for any more, as the user threw the data away.</summary>
    public bool IsVoid { get; set; }

    /// <summary>Acknowledged writes in all.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How many of them a fault may have cost.</summary>
    public int Excused { get; private set; }

    public LedgerEntry Acknowledge(string key, long version)
    {
        Acknowledged++;
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries[key] = entry = new LedgerEntry(key);
        }

        entry.Acknowledge(version);
        return entry;
    }

    public void Excuse(LedgerEntry entry, long after) => Excused += entry.Excuse(after);
}

/// <summary>One key.</summary>
sealed class LedgerEntry(string key)
{
    readonly SortedSet<long> _required = [];

    public string Key => key;

    public int Slot { get; } = Slotwise.Redis.SlotHash.Of(key);

    /// <summary>The newest version that must be there; null if none must.</summary>
    public long? Required => _required.Count > 0 ? _required.Max : null;

    public void Acknowledge(long version) => _required.Add(version);

    /// <summary>Versions after the given one may be lost.</summary>
    /// <returns>How many were required until now.</returns>
    public int Excuse(long after) => _required.RemoveWhere(version => version > after);

    /// <summary>A loss that was reported is not reported again.</summary>
    public void GiveUp(long version) => _required.RemoveWhere(other => other <= version);
}
