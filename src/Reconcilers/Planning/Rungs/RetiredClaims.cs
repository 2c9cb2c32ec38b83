using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>The claims of pods that were removed for good.</summary>
static class RetiredClaims
{
    /// <summary>Steps that delete the claims of a shard from an ordinal on; each exactly the one that was seen.</summary>
    public static IReadOnlyList<IStep> Of(ClusterView view, int shard, int firstOrdinal)
    {
        var kept = Enumerable.Range(0, firstOrdinal).Select(ordinal => ClusterNames.Claim(view.Observation.Key.Name, shard, ordinal)).ToList();
        return
        [
            .. from claim in view.Observation.Objects.Claims
               where ClusterMetadata.ShardOf(claim.Metadata) == shard
                   && claim.Metadata.Name!.StartsWith(ClusterNames.ClaimPrefix(view.Observation.Key.Name, shard), StringComparison.Ordinal)
                   && !kept.Contains(claim.Metadata.Name)
                   && claim.Metadata.DeletionTimestamp is null
               orderby claim.Metadata.Name
               select new DeleteObject<V1PersistentVolumeClaim>(view.Observation.Key.Namespace, claim.Metadata.Name!, claim.Metadata.Uid!),
        ];
    }
}
