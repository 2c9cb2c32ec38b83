using System.Collections.Concurrent;
using System.Net;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Faults;

/// <summary>Pods that must have a certain address: by an annotation of their own, or because it was asked for the next one of their name.</summary>
public sealed class WantedAddresses
{
    /// <summary>On a pod, the address that it must have. It waits until the address is free.</summary>
    public const string Annotation = "localkube.dev/address";

    readonly ConcurrentDictionary<NamespacedName, IPAddress> _next = new();

    /// <summary>The next pod of this name must have the address.</summary>
    public void Want(NamespacedName pod, IPAddress address) => _next[pod] = address;

    /// <summary>The address that a pod must have; null for any.</summary>
    public IPAddress? WishOf(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return _next.TryGetValue(NamespacedName.Of(pod), out var next) ? next
            : IPAddress.TryParse(pod.Metadata.Annotations?.GetValueOrDefault(Annotation), out var own) ? own
            : null;
    }

    /// <summary>The pod has it: the one after it may have any.</summary>
    public void Fulfil(V1Pod pod) => _next.TryRemove(NamespacedName.Of(pod), out _);
}
