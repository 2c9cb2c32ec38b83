using System.Globalization;

namespace Slotwise.EndToEnd.Walks;

/// <summary>The shapes that the user asked for, and when.</summary>
sealed class Wishes
{
    readonly List<(TimeSpan At, int Shards, int Nodes)> _all = [];

    public void Add(TimeSpan at, int shards, int nodesPerShard)
    {
        lock (_all)
        {
            _all.Add((at, shards, nodesPerShard));
        }
    }

    /// <summary>The least number of shards, and of pods in each, that was wanted at any time since then.</summary>
    public (int Shards, int Nodes) LeastSince(TimeSpan since)
    {
        lock (_all)
        {
            var first = Math.Max(0, _all.FindLastIndex(wish => wish.At <= since));
            return (_all.Skip(first).Min(wish => wish.Shards), _all.Skip(first).Min(wish => wish.Nodes));
        }
    }

    /// <summary>The shard and the ordinal of a pod.</summary>
    public static (int Shard, int Ordinal) PlaceOf(string pod)
    {
        var parts = pod.Split('-');
        return (int.Parse(parts[^2], CultureInfo.InvariantCulture), int.Parse(parts[^1], CultureInfo.InvariantCulture));
    }
}
