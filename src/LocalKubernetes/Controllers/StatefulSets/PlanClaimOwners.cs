using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>
/// Who a pod's claims belong to, by the set's retention policy: to nobody, to the set (they go with it), or to a pod that is
/// being scaled away (they go with that). Pure; the rules are those of stateful_set_utils.go.
/// </summary>
public static class PlanClaimOwners
{
    /// <summary>The owners that a claim shall have; null when it is well as it is.</summary>
    public static IReadOnlyList<V1OwnerReference>? Of(StatefulSetDocument set, V1Pod pod, V1PersistentVolumeClaim claim)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(claim);
        var owners = claim.Metadata.OwnerReferences ?? [];
        if (IsStale(claim, set) || IsStale(claim, pod))
        {
            return null; // it belongs to an earlier set or pod of this name: garbage collection decides
        }

        var kept = owners.Where(owner => !Names(owner, set) && !Names(owner, pod)).ToList();
        if (!HasForeignController(set, kept))
        {
            kept.AddRange(Wanted(set, pod));
        }

        return kept.SequenceEqual(owners) ? null : kept;
    }

    /// <summary>Whether the claim still belongs to an earlier pod of this name, and so will go with it.</summary>
    public static bool IsStale(V1PersistentVolumeClaim claim, IKubernetesObject owner)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim.Metadata.OwnerReferences?.Any(one => Names(one, owner) && one.Uid != owner.Metadata.Uid) == true;
    }

    static IEnumerable<V1OwnerReference> Wanted(StatefulSetDocument set, V1Pod pod)
    {
        var policy = set.Spec.PersistentVolumeClaimRetentionPolicy;
        var scaledDown = !BuildSetPod.IsWanted(set, pod);
        if (scaledDown && policy?.WhenScaled == "Delete")
        {
            return [OwnerReference.To(pod)];
        }

        return policy?.WhenDeleted == "Delete" ? [OwnerReference.To(set)] : [];
    }

    static bool HasForeignController(StatefulSetDocument set, List<V1OwnerReference> others) =>
        (set.Spec.PersistentVolumeClaimRetentionPolicy is { WhenDeleted: "Delete" } or { WhenScaled: "Delete" }) && others.Any(owner => owner.Controller == true);

    static bool Names(V1OwnerReference owner, IKubernetesObject obj) => owner.ApiVersion == obj.ApiVersion && owner.Kind == obj.Kind && owner.Name == obj.Metadata.Name;
}
