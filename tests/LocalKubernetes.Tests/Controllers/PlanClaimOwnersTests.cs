using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

public sealed class PlanClaimOwnersTests
{
    static readonly V1Pod Pod = new() { Metadata = new V1ObjectMeta { Name = "web-1", Uid = "pod" } };

    [Theory]
    // retention when deleted, when scaled; replicas; owners before; owners after, - for as they are
    [InlineData("Retain", "Retain", 2, "", "-")]
    [InlineData("Retain", "Retain", 2, "set", "")]
    [InlineData("Delete", "Retain", 2, "", "set")]
    [InlineData("Delete", "Retain", 1, "", "set")]
    [InlineData("Delete", "Retain", 2, "set", "-")]
    [InlineData("Retain", "Delete", 2, "", "-")]
    [InlineData("Retain", "Delete", 1, "", "pod")]
    [InlineData("Retain", "Delete", 2, "pod", "")]
    [InlineData("Delete", "Delete", 2, "pod", "set")]
    [InlineData("Delete", "Delete", 1, "set", "pod")]
    // somebody else's is left to him; what an earlier pod of the name had goes with that
    [InlineData("Delete", "Delete", 2, "other", "-")]
    [InlineData("Delete", "Delete", 2, "other set", "other")]
    [InlineData("Delete", "Delete", 2, "earlier", "-")]
    public void Retention_decides_whom_a_claim_goes_with(string whenDeleted, string whenScaled, int replicas, string before, string after)
    {
        var set = new StatefulSetDocument
        {
            Metadata = new V1ObjectMeta { Name = "web", Uid = "set" },
            Spec = new StatefulSetDocumentSpec { Replicas = replicas, PersistentVolumeClaimRetentionPolicy = new V1StatefulSetPersistentVolumeClaimRetentionPolicy { WhenDeleted = whenDeleted, WhenScaled = whenScaled } },
        };
        var claim = new V1PersistentVolumeClaim { Metadata = new V1ObjectMeta { Name = "data-web-1", OwnerReferences = [.. before.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Owner)] } };
        var owners = PlanClaimOwners.Of(set, Pod, claim);
        Assert.Equal(after, owners is null ? "-" : string.Join(' ', owners.Select(owner => owner.Uid)));
    }

    static V1OwnerReference Owner(string uid)
    {
        var (apiVersion, kind, name) = uid switch { "set" => ("apps/v1", "StatefulSet", "web"), "pod" or "earlier" => ("v1", "Pod", "web-1"), _ => ("v1", "ConfigMap", "other") };
        return new V1OwnerReference { ApiVersion = apiVersion, Kind = kind, Name = name, Uid = uid, Controller = true, BlockOwnerDeletion = true };
    }
}
