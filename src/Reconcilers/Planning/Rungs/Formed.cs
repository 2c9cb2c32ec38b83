using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// The last rung: records, once, that the cluster was whole. From then on no slot is ever given away as if it had never been owned: after a
/// crash of the operator only this note tells a beginning from a loss.
/// </summary>
public static class Formed
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (!view.IsFormed)
        {
            return RungAnswer.Nothing;
        }

        var ours = view.Observation.Objects.StatefulSets.Where(view.IsOurs).ToList();
        var shards = view.Observation.FormedShards ?? ours.Count;
        var steps = new List<IStep>();
        foreach (var set in ours)
        {
            if (set.Metadata.Annotations?.ContainsKey(ClusterMetadata.FormedAnnotation) != true)
            {
                steps.Add(new RecordFormed(view.Observation.Key.Namespace, set.Metadata.Name!, set.Metadata.Uid!, shards));
            }
        }

        return RungAnswer.Of(steps);
    }
}
