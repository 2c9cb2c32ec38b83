using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Records, once, that the cluster was whole. From then on no slot is ever given away as if it had never been owned: after a
/// crash of the operator only this note tells a beginning from a loss.
/// </summary>
public static class Formed
{
    static readonly SortedDictionary<string, string?> Note = new(StringComparer.Ordinal) { [ClusterMetadata.FormedAnnotation] = "true" };

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.IsFormed
            ? RungAnswer.Of(
            [
                .. from set in view.Observation.Objects.StatefulSets
                   where view.IsOurs(set) && set.Metadata.Annotations?.ContainsKey(ClusterMetadata.FormedAnnotation) != true
                   select new ChangeStatefulSet(StatefulSetReference.Of(set), Note, $"note on StatefulSet {set.Metadata.Name} that the cluster was formed"),
            ])
            : RungAnswer.Nothing;
    }
}
