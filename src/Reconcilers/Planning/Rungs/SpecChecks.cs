using Slotwise.Entities.Validation;
using Slotwise.Kubernetes.Apply;
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

    /// <summary>Changes of a running cluster that this release does not carry out. The cluster keeps running as it is.</summary>
    public static IReadOnlyList<Refusal> RefuseChanges(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return [.. Changes(view)];
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

    static IEnumerable<Refusal> Changes(ClusterView view)
    {
        if (view.Observation.WasFormed && IsConfigChanged(view))
        {
            yield return new Refusal(
                "NotSupported",
                "spec.config: this release does not change the configuration of running servers yet; they keep the one they were made with");
        }
    }

    /// <summary>Whether redis.conf was made from another spec. One that somebody else edited is no such change and is put right.</summary>
    static bool IsConfigChanged(ClusterView view)
    {
        var desired = ConfigMaps.Build(view.Observation.Cluster);
        return view.Observation.Objects.ConfigMaps.FirstOrDefault(map => map.Metadata.Name == desired.Metadata.Name && view.IsOurs(map)) is { } live
            && !ObjectApplier.IsMadeFrom(desired, live)
            && live.Data?.GetValueOrDefault(ConfigMaps.RedisConfKey) != desired.Data![ConfigMaps.RedisConfKey];
    }
}
