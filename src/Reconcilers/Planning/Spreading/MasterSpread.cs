namespace Slotwise.Reconcilers.Planning.Spreading;

/// <summary>
/// How evenly masters are spread over hosts and zones, and the next handover that spreads them better. Pure and deterministic. The score is how many pairs of masters
/// share a host, and how many a zone: each handover counts by whole masters, and the score of masters that cannot be spread better never changes.
/// </summary>
public static class MasterSpread
{
    /// <summary>Pairs of masters that share a host, and pairs that share a zone; 0 is best.</summary>
    public static int Score(IEnumerable<MasterPlace> masters) => new Crowd(masters).Score;

    /// <summary>
    /// The handover to make next; null when none helps. It makes the score fall, or leaves it as it is and makes room for one that makes it fall: where
    /// pods stand so that no single handover helps, two may.
    /// </summary>
    public static SpreadMove? Choose(IReadOnlyList<ShardPlaces> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var crowd = new Crowd(shards.Select(shard => shard.Master));
        if (crowd.IsLevelAmong(shards.SelectMany(shard => shard.Candidates)))
        {
            return null;
        }

        var single = Best(shards, crowd, except: -1);
        if (single is { Change: < 0 })
        {
            return single.Value.Move;
        }

        SpreadMove? first = null;
        var best = 0;
        for (var shard = 0; shard < shards.Count; shard++)
        {
            for (var candidate = 0; candidate < shards[shard].Candidates.Count; candidate++)
            {
                var from = shards[shard].Master;
                var to = shards[shard].Candidates[candidate];
                if (from == to || crowd.Change(from, to) != 0)
                {
                    continue;
                }

                crowd.Move(from, to);
                if (Best(shards, crowd, except: shard) is { } second && second.Change < best)
                {
                    (first, best) = (new SpreadMove(shard, candidate), second.Change);
                }

                crowd.Move(to, from);
            }
        }

        return first;
    }

    /// <summary>The handover that changes the score most for the better; of equal ones the first.</summary>
    static (SpreadMove Move, int Change)? Best(IReadOnlyList<ShardPlaces> shards, Crowd crowd, int except)
    {
        (SpreadMove Move, int Change)? best = null;
        for (var shard = 0; shard < shards.Count; shard++)
        {
            for (var candidate = 0; shard != except && candidate < shards[shard].Candidates.Count; candidate++)
            {
                var change = crowd.Change(shards[shard].Master, shards[shard].Candidates[candidate]);
                if (best is null || change < best.Value.Change)
                {
                    best = (new SpreadMove(shard, candidate), change);
                }
            }
        }

        return best;
    }

    /// <summary>How many masters are on each host and in each zone.</summary>
    sealed class Crowd
    {
        readonly SortedDictionary<string, int> _hosts = new(StringComparer.Ordinal);
        readonly SortedDictionary<string, int> _zones = new(StringComparer.Ordinal);

        public Crowd(IEnumerable<MasterPlace> masters)
        {
            foreach (var master in masters)
            {
                Add(_hosts, master.Host, 1);
                Add(_zones, master.Zone, 1);
            }
        }

        public int Score => _hosts.Values.Concat(_zones.Values).Sum(masters => masters * (masters - 1) / 2);

        /// <summary>Whether no place has two masters more than another one: nothing can be better then, and nothing has to be tried.</summary>
        public bool IsLevelAmong(IEnumerable<MasterPlace> places)
        {
            foreach (var place in places)
            {
                Add(_hosts, place.Host, 0);
                Add(_zones, place.Zone, 0);
            }

            return IsLevel(_hosts) && IsLevel(_zones);
        }

        /// <summary>By how much the score changes when a master moves.</summary>
        public int Change(MasterPlace from, MasterPlace to) => Change(_hosts, from.Host, to.Host) + Change(_zones, from.Zone, to.Zone);

        public void Move(MasterPlace from, MasterPlace to)
        {
            Add(_hosts, from.Host, -1);
            Add(_zones, from.Zone, -1);
            Add(_hosts, to.Host, 1);
            Add(_zones, to.Zone, 1);
        }

        static bool IsLevel(SortedDictionary<string, int> counts) => counts.Count == 0 || counts.Values.Max() - counts.Values.Min() < 2;

        static int Change(SortedDictionary<string, int> counts, string? from, string? to) => from == to
            ? 0
            : (to is null ? 0 : counts.GetValueOrDefault(to)) - (from is null ? 0 : counts.GetValueOrDefault(from) - 1);

        static void Add(SortedDictionary<string, int> counts, string? place, int masters)
        {
            if (place is not null)
            {
                counts[place] = counts.GetValueOrDefault(place) + masters;
            }
        }
    }
}
