using Slotwise.Reconcilers.Resources;

namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>A shard that the user asks for is not marked to be emptied, shrunk or removed, once the operator had time to hear of the wish.</summary>
sealed class WantedShardsStay : WalkLaw
{
    Dictionary<string, (string Uid, bool IsDraining, int Replicas)> _before = [];

    public override IEnumerable<string> Judge(WorldView view)
    {
        var now = view.Sets.ToDictionary(
            set => set.Metadata.Name!,
            set => (set.Metadata.Uid!, set.Metadata.Annotations?.ContainsKey(ClusterMetadata.DrainingAnnotation) == true, set.Spec?.Replicas ?? 0));
        var wanted = view.Wishes.LeastSince(view.At - LongEnough);
        var before = _before;
        _before = now;
        foreach (var (name, was) in before.Where(set => int.Parse(set.Key.Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture) < wanted.Shards))
        {
            if (!now.TryGetValue(name, out var present) || present.Item1 != was.Uid)
            {
                yield return $"{name} was removed, and is wanted";
            }
            else if (present.Item2 && !was.IsDraining)
            {
                yield return $"{name} is marked to be emptied, and is wanted";
            }
            else if (present.Item3 < was.Replicas && present.Item3 < wanted.Nodes)
            {
                yield return $"{name} shall run {present.Item3} pods, and more are wanted";
            }
        }
    }
}
