using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 2, of the claims: with whom they go, and how large they are. Neither touches a pod. Claims grow while anything else is amiss, as a full disk may be what
/// is amiss; the StatefulSet that would make the next ones too small is a matter of the last rung.
/// </summary>
public static class Volumes
{
    /// <summary>Storage tells the API server of its progress; this is for the case that nothing is heard.</summary>
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Spec.Storage is not { } storage)
        {
            return RungAnswer.Nothing;
        }

        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var growing = new List<V1PersistentVolumeClaim>();
        foreach (var claim in view.Observation.Objects.Claims.OrderBy(claim => claim.Metadata.Name, StringComparer.Ordinal))
        {
            var isUsed = IsUsed(view, claim);
            if (claim.Metadata.DeletionTimestamp is not null)
            {
                continue;
            }

            AddOwner(steps, view, claim, isUsed, storage);
            if (!isUsed || claim.Status?.Phase != "Bound")
            {
                continue;
            }

            if (Claims.RequestOf(claim) < storage.Size)
            {
                growing.Add(claim);
            }
            else if (Claims.CapacityOf(claim) < storage.Size)
            {
                waits.Add(new Wait("GrowingVolumes", $"claim {claim.Metadata.Name} has {Claims.CapacityOf(claim)} of {storage.Size}{Progress(claim)}", Slow) { IsLocal = true });
            }
        }

        if (growing.Count > 0)
        {
            steps.Add(new GrowClaims([.. growing.Select(ClaimReference.Of)], storage.Size, Claims.RequestOf(growing[0])!.Value, view.LargestVolume!.Value));
        }

        return new RungAnswer(steps, waits, []);
    }

    /// <summary>
    /// Whether it is the claim of a pod that there is and shall be. Others, of an earlier cluster of this name or of what was removed, are kept as they are; so nothing
    /// goes with this cluster that it never used.
    /// </summary>
    static bool IsUsed(ClusterView view, V1PersistentVolumeClaim claim) =>
        view.Observation.Pods.Any(pod => pod.Shard < view.Spec.Shards && pod.Ordinal < view.Spec.NodesPerShard && claim.Metadata.Name == ClusterNames.Claim(view.Observation.Key.Name, pod.Shard, pod.Ordinal));

    /// <summary>
    /// Written while there is a cluster, so that it holds when it is deleted, whether an operator runs then or not. What the cluster used once goes with it too when
    /// pods or shards were removed since, as a StatefulSet would have it.
    /// </summary>
    static void AddOwner(List<IStep> steps, ClusterView view, V1PersistentVolumeClaim claim, bool isUsed, RedisClusterStorage storage)
    {
        var cluster = view.Observation.Cluster;
        var isOwned = Claims.IsOwnedBy(claim, cluster.Metadata.Uid);
        if (isOwned == (storage.WhenDeleted == VolumeRetention.Delete) || (!isOwned && (!isUsed || Claims.IsGoing(claim, cluster))))
        {
            return;
        }

        var others = (claim.Metadata.OwnerReferences ?? []).Where(owner => owner.Uid != cluster.Metadata.Uid);
        steps.Add(new ChangeClaim(ClaimReference.Of(claim), $"claim {claim.Metadata.Name} {(isOwned ? "stays when the cluster is deleted" : "goes with the cluster when that is deleted")}")
        {
            Owners = isOwned ? [.. others] : [.. others, Claims.OwnerReference(cluster)],
            ResourceVersion = claim.Metadata.ResourceVersion,
        });
    }

    /// <summary>What Kubernetes says of it, such as that the file system grows when the pod starts again.</summary>
    static string Progress(V1PersistentVolumeClaim claim) => string.Concat(
        (claim.Status?.Conditions ?? [])
            .Where(condition => condition.Status == "True")
            .Select(condition => string.Create(CultureInfo.InvariantCulture, $"; {condition.Type}{(string.IsNullOrEmpty(condition.Message) ? "" : $": {condition.Message}")}")));
}
