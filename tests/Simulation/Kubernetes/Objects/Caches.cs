using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Claims;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;
using Slotwise.ObjectStore;

namespace Slotwise.Simulation.Kubernetes.Objects;

/// <summary>What the control plane and the kubelets know.</summary>
sealed class Caches(Store store, ChangeFeed feed)
{
    public LiveCache<RedisCluster> Clusters { get; } = new(store, feed);

    public LiveCache<V1Pod> Pods { get; } = new(store, feed);

    public LiveCache<V1Node> Nodes { get; } = new(store, feed);

    public LiveCache<StatefulSetDocument> StatefulSets { get; } = new(store, feed);

    public LiveCache<ControllerRevisionDocument> Revisions { get; } = new(store, feed);

    public LiveCache<V1PersistentVolumeClaim> Claims { get; } = new(store, feed);

    public LiveCache<V1PodDisruptionBudget> Budgets { get; } = new(store, feed);

    public LiveCache<V1ConfigMap> ConfigMaps { get; } = new(store, feed);

    public LiveCache<V1Secret> Secrets { get; } = new(store, feed);

    public LiveCache<V1Namespace> Namespaces { get; } = new(store, feed);

    public LiveCache<VolumeDocument> Volumes { get; } = new(store, feed);

    public LiveCache<StorageClassDocument> Classes { get; } = new(store, feed);
}
