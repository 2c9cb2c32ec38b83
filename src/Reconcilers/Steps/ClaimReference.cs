using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Steps;

/// <summary>A claim to write to; a successor of the same name is left alone.</summary>
public sealed record ClaimReference(string Namespace, string Name, string Uid)
{
    public static ClaimReference Of(V1PersistentVolumeClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return new ClaimReference(claim.Metadata.NamespaceProperty ?? "", claim.Metadata.Name ?? "", claim.Metadata.Uid ?? "");
    }

    public override string ToString() => Name;
}
