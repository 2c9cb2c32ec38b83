using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>The objects that pods refer to by name.</summary>
public interface IConfigObjects
{
    V1ConfigMap? ConfigMap(NamespacedName name);

    V1Secret? Secret(NamespacedName name);

    /// <summary>All of the cluster.</summary>
    IEnumerable<V1Service> Services { get; }

    /// <summary>A token of a pod's service account.</summary>
    /// <exception cref="Volumes.VolumeException">There is none to be had; why.</exception>
    byte[] Token(V1Pod pod, V1ServiceAccountTokenProjection wanted);
}

/// <summary>A container cannot be created from its description.</summary>
/// <param name="message">Which object, key or field is at fault, in the kubelet's words. Never a secret's value.</param>
public sealed class ContainerConfigException(string message) : Exception(message);
