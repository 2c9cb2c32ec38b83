using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 11: records, once, that the cluster was whole. From then on no slot is ever given away as if it had never been owned: after a
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

        var steps = new List<IStep>();
        foreach (var set in view.Observation.Objects.StatefulSets)
        {
            if (view.IsOurs(set)
                && set.Metadata.Annotations?.ContainsKey(ClusterMetadata.FormedAnnotation) != true)
            {
                steps.Add(new RecordFormed(view.Observation.Key.Namespace, set.Metadata.Name!, set.Metadata.Uid!));
            }
        }

        return RungAnswer.Of(steps);
    }
}
