using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>The claims of a set's pods: made with them, never deleted here; who owns them decides whether garbage collection does.</summary>
sealed class SetClaims(IKubernetesApi api, IObjectCache<V1PersistentVolumeClaim> claims, EventRecorder events)
{
    /// <summary>Whether a claim still belongs to the pod of this ordinal that was scaled away, and is going with it.</summary>
    public bool IsHeldByEarlierPod(StatefulSetDocument set, int ordinal)
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = BuildSetPod.NameOf(set, ordinal) } };
        return set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenScaled == "Delete"
            && BuildSetPod.Claims(set, ordinal).Any(claim => claims.Get(NamespacedName.Of(claim)) is { } there && PlanClaimOwners.IsStale(there, pod));
    }

    /// <summary>Makes the claims of a pod that are not there.</summary>
    /// <returns>False when one is there and going: the pod has to wait until it is gone.</returns>
    public async Task<bool> EnsureAsync(StatefulSetDocument set, int ordinal, CancellationToken cancellationToken)
    {
        var name = BuildSetPod.NameOf(set, ordinal);
        var all = true;
        foreach (var claim in BuildSetPod.Claims(set, ordinal))
        {
            if (claims.Get(NamespacedName.Of(claim)) is { } there)
            {
                if (there.Metadata.DeletionTimestamp is not null)
                {
                    events.Warning(set, "FailedCreate", $"create Pod {name} in StatefulSet {set.Metadata.Name} failed error: pvc {claim.Metadata.Name} is being deleted");
                    all = false;
                }

                continue;
            }

            try
            {
                await api.CreateAsync(claim, cancellationToken);
                events.Normal(set, "SuccessfulCreate", $"create Claim {claim.Metadata.Name} Pod {name} in StatefulSet {set.Metadata.Name} success");
            }
            catch (KubernetesApiException e) when (e.IsAlreadyExists)
            {
                // made by the pass before, and the cache does not show it yet
            }
            catch (KubernetesApiException e)
            {
                events.Warning(set, "FailedCreate", $"create Claim {claim.Metadata.Name} for Pod {name} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
                throw;
            }
        }

        return all;
    }

    /// <summary>Gives the claims of all pods the owners that the retention policy asks for.</summary>
    public async Task SettleOwnersAsync(StatefulSetDocument set, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        foreach (var pod in pods)
        {
            foreach (var name in BuildSetPod.Claims(set, BuildSetPod.OrdinalOf(set, pod.Metadata.Name)!.Value).Select(NamespacedName.Of))
            {
                if (claims.Get(name) is { } claim && PlanClaimOwners.Of(set, pod, claim) is { } owners)
                {
                    var metadata = new V1ObjectMeta { Uid = claim.Metadata.Uid, ResourceVersion = claim.Metadata.ResourceVersion, OwnerReferences = owners };
                    var patch = new JsonObject { ["metadata"] = JsonSerializer.SerializeToNode(new V1Pod { Metadata = metadata }, V1Pod.JsonTypeInfo)!["metadata"]!.DeepClone() };
                    await api.MergePatchAsync<V1PersistentVolumeClaim>(name.Namespace, name.Name, patch, null, cancellationToken);
                }
            }
        }
    }
}
