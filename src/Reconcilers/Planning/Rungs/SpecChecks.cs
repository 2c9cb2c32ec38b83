using Slotwise.Entities.Validation;
using Slotwise.Kubernetes.Models;
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
        if (view.Observation.Objects.StatefulSets.FirstOrDefault(view.IsOurs) is not { } set)
        {
            return null;
        }

        var claim = set.Spec?.VolumeClaimTemplates?.FirstOrDefault(template => template.Metadata.Name == ClusterNames.DataVolume);
        var size = claim?.Spec?.Resources?.Requests is { } requests && requests.TryGetValue("storage", out var requested) ? requested : (Quantity?)null;
        return new LiveStorage(size, claim?.Spec?.StorageClassName);
    }
}
