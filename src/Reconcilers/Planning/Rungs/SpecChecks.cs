using Slotwise.Entities.Validation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>What of the spec cannot be carried out, said field by field. Nothing the user asked for is passed over in silence.</summary>
public static class SpecChecks
{
    /// <summary>What cannot be carried out: nothing is created or changed for such a spec.</summary>
    public static IReadOnlyList<Refusal> RefuseInvalid(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var cluster = view.Observation.Cluster;
        if (!RedisClusterValidation.TryValidate(cluster, out var errors)
            || !RedisClusterValidation.TryValidateChange(cluster.Spec, ReadStorage(view), out errors))
        {
            return [.. errors.Select(error => new Refusal("InvalidSpec", error.ToString()))];
        }

        return [];
    }

    /// <summary>The volumes that the shards were made with; null before there are shards.</summary>
    static LiveStorage? ReadStorage(ClusterView view)
    {
        var sets = view.Observation.Objects.StatefulSets.Where(view.IsOurs).ToList();
        return sets.Count == 0 ? null : new LiveStorage(sets.Max(Claims.SizeOf), Claims.TemplateOf(sets[0])?.Spec?.StorageClassName);
    }
}
