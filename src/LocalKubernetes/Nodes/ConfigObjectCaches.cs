using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Volumes;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>The objects that pods refer to, as the node's watches show them.</summary>
sealed class ConfigObjectCaches(IObjectCache<V1ConfigMap> configMaps, IObjectCache<V1Secret> secrets, IObjectCache<V1Service> services, TokenFiles tokens) : IConfigObjects
{
    public V1ConfigMap? ConfigMap(NamespacedName name) => configMaps.Get(name);

    public V1Secret? Secret(NamespacedName name) => secrets.Get(name);

    public IEnumerable<V1Service> Services => services.List();

    public byte[] Token(V1Pod pod, V1ServiceAccountTokenProjection wanted) => tokens.Content(pod, wanted);
}
