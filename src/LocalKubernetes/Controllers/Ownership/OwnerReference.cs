using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Ownership;

/// <summary>Owner references as controllers write and read them. Pure.</summary>
public static class OwnerReference
{
    /// <summary>Says that the owner controls the object that carries this.</summary>
    public static V1OwnerReference To(IKubernetesObject owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return new V1OwnerReference { ApiVersion = owner.ApiVersion, Kind = owner.Kind, Name = owner.Metadata.Name!, Uid = owner.Metadata.Uid!, Controller = true, BlockOwnerDeletion = true };
    }

    /// <summary>Who controls an object; null for an orphan.</summary>
    public static V1OwnerReference? ControllerOf(IKubernetesObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return obj.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true);
    }

    public static bool IsControlledBy(IKubernetesObject obj, IKubernetesObject owner) => ControllerOf(obj)?.Uid == owner?.Metadata.Uid;
}
