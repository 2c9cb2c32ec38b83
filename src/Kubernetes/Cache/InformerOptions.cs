using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Cache;

/// <summary>Which objects an informer copies, and how much of them.</summary>
public sealed record InformerOptions<T>
    where T : class, IKubernetesObject<T>
{
    /// <summary>Null: all namespaces.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Cuts off what nobody reads before an object is kept, to save memory.</summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>The resource that an object belongs to, for <see cref="IObjectCache{T}.OwnedBy"/>; null for none. Asked of transformed objects.</summary>
    public Func<T, NamespacedName?>? OwnerOf { get; init; }
}
