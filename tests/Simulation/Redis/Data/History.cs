namespace Slotwise.Simulation.Redis.Data;

/// <summary>
/// What one replication id stands for: the writes of one master from the moment at which it became one. It goes on from an earlier one where the master was a
/// replica before.
/// </summary>
/// <param name="id">The replication id.</param>
/// <param name="start">What there was at the beginning.</param>
/// <param name="from">The history that it goes on from; null for a server that started afresh.</param>
/// <param name="offset">The offset at the beginning.</param>
public sealed class History(string id, Keyspace start, History? from, long offset)
{
    readonly List<Entry> _entries = [];
    readonly ulong _startDigest = start.Digest;
    Keyspace _last = start;

    public string Id => id;

    public History? From => from;

    /// <summary>Where it begins.</summary>
    public long Start { get; } = offset;

    /// <summary>Where it ends by now.</summary>
    public long End { get; private set; } = offset;

    /// <summary>Adds a write of the master.</summary>
    public void Append(WriteOperation operation)
    {
        _last = operation.ApplyTo(_last);
        End += operation.Length;
        _entries.Add(new Entry(End, operation, _last.Digest));
    }

    /// <summary>The writes after an offset, which may lie in the histories before, up to and including another.</summary>
    public IEnumerable<(long End, WriteOperation Operation)> Between(long after, long upTo)
    {
        if (after < Start && from is not null)
        {
            foreach (var entry in from.Between(after, Math.Min(upTo, Start)))
            {
                yield return entry;
            }
        }

        for (var index = IndexAfter(after); index < _entries.Count && _entries[index].End <= upTo; index++)
        {
            yield return (_entries[index].End, _entries[index].Operation);
        }
    }

    /// <summary>The digest of what a server holds that followed this history up to an offset; null where no write of it ends there.</summary>
    public ulong? DigestAt(long at)
    {
        if (at < Start)
        {
            return from?.DigestAt(at);
        }

        var index = IndexAfter(at) - 1;
        return at == Start ? _startDigest : index >= 0 && _entries[index].End == at ? _entries[index].Digest : null;
    }

    /// <summary>The first entry that ends after the offset.</summary>
    int IndexAfter(long at)
    {
        var (low, high) = (0, _entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].End <= at)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    readonly record struct Entry(long End, WriteOperation Operation, ulong Digest);
}
