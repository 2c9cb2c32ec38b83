using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Steps;

/// <summary>A StatefulSet to write a note on; a successor of the same name is left alone.</summary>
public sealed record StatefulSetReference(string Namespace, string Name, string Uid)
{
    public static StatefulSetReference Of(V1StatefulSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new StatefulSetReference(set.Metadata.NamespaceProperty ?? "", set.Metadata.Name ?? "", set.Metadata.Uid ?? "");
    }

    public override string ToString() => Name;
}
