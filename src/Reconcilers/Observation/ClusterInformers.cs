using Microsoft.Extensions.Logging;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Observation;

/// <summary>The informers of everything a pass reads, for all namespaces or for some.</summary>
public sealed class ClusterInformers
{
    readonly List<IInformer> _all = [];
    readonly List<Action<Controller<RedisCluster>>> _attachments = [];

    /// <summary>Builds the informers; nothing is read before they run.</summary>
    /// <param name="api">The API server.</param>
    /// <param name="namespaces">The namespaces to look at; empty for all.</param>
    /// <param name="time">The clock of back-offs.</param>
    /// <param name="random">The jitter of back-offs and watch time-outs.</param>
    /// <param name="logger">Where trouble with the API server is reported.</param>
    public ClusterInformers(IKubernetesApi api, IReadOnlyList<string> namespaces, TimeProvider time, Random random, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(namespaces);
        var ended = new EndedPods();
        var hosts = new Informer<V1Node>(api, new InformerOptions<V1Node> { Transform = HostObservation.Trim }, time, random, logger);
        _all.Add(hosts);
        _attachments.Add(controller => controller.WatchRelated(hosts, FindConcerned));
        Caches = new ClusterCaches
        {
            Clusters = Combine<RedisCluster>(labelSelector: null, KeepSpec, (controller, informer) => controller.Watch(informer, IsUrgent, IsReport)),
            EndedPods = ended,
            Pods = Combine<V1Pod>(RedisClusterLabels.Cluster, Trim, (controller, informer) => controller.WatchOwned(informer), ended.Hear),
            Services = Owned<V1Service>(),
            ConfigMaps = Owned<V1ConfigMap>(),
            Secrets = Owned<V1Secret>(),
            NetworkPolicies = Owned<V1NetworkPolicy>(),
            DisruptionBudgets = Owned<V1PodDisruptionBudget>(isReport: IsReport),
            StatefulSets = Owned<V1StatefulSet>(Trim, IsReport),
            Claims = Owned<V1PersistentVolumeClaim>(),
            Hosts = hosts,
        };

        IObjectCache<T> Owned<T>(Func<T, T>? transform = null, Func<T, T, bool>? isReport = null)
            where T : class, IKubernetesObject<T> =>
            Combine(RedisClusterLabels.Cluster, transform, (controller, informer) => controller.WatchOwned(informer, isReport));

        IObjectCache<T> Combine<T>(string? labelSelector, Func<T, T>? transform, Action<Controller<RedisCluster>, Informer<T>> attach, Action<T?, T?>? hear = null)
            where T : class, IKubernetesObject<T>
        {
            string?[] places = namespaces.Count == 0 ? [null] : [.. namespaces];
            var informers = new List<Informer<T>>();
            foreach (var place in places)
            {
                var options = new InformerOptions<T>
                {
                    Namespace = place,
                    LabelSelector = labelSelector,
                    Transform = transform,
                    OwnerOf = obj => ClusterCaches.OwnerOf(obj),
                };
                var informer = new Informer<T>(api, options, time, random, logger);
                informers.Add(informer);

                // Before the controller, whose passes are to know it.
                if (hear is not null)
                {
                    informer.AddHandler(hear);
                }

                _all.Add(informer);
                _attachments.Add(controller => attach(controller, informer));
            }

            return informers.Count == 1 ? informers[0] : new CombinedCache<T>(informers);
        }
    }

    public ClusterCaches Caches { get; }

    /// <summary>All informers, for whoever runs them.</summary>
    public IReadOnlyList<IInformer> All => _all;

    /// <summary>Has the controller look at a cluster whenever it or one of its objects changes.</summary>
    public void Attach(Controller<RedisCluster> controller)
    {
        foreach (var attach in _attachments)
        {
            attach(controller);
        }
    }

    /// <summary>
    /// The clusters with a pod on a host that came, went, or changed in what matters of it. Kubelets write to their Nodes every few minutes, which is nobody's concern.
    /// </summary>
    IEnumerable<NamespacedName> FindConcerned(V1Node? old, V1Node? current)
    {
        if (old is not null && current is not null && HostObservation.Of(old) == HostObservation.Of(current))
        {
            return [];
        }

        var name = (current ?? old)!.Metadata.Name;
        var pods = Caches.Pods.List().Where(pod => pod.Spec?.NodeName == name).Select(pod => ClusterCaches.OwnerOf(pod));
        var noted = Caches.StatefulSets.List().Where(set => MemberNote.ReadAll(set).Any(note => note.Host == name)).Select(set => ClusterCaches.OwnerOf(set));
        return pods.Concat(noted).OfType<NamespacedName>().Distinct();
    }

    /// <summary>New and hurt clusters go before those that only want their regular look.</summary>
    static bool IsUrgent(RedisCluster cluster) =>
        cluster.Status?.Conditions.Any(condition => condition is { Type: Status.Conditions.Ready, Status: "True" }) != true;

    /// <summary>How many of its pods are ready a set tells after the pods themselves; of its status only is read whether it has seen what was asked for.</summary>
    static bool IsReport(V1StatefulSet old, V1StatefulSet current) =>
        old.Status?.ObservedGeneration == current.Status?.ObservedGeneration && IsReport<V1StatefulSet>(old, current);

    /// <summary>
    /// A status asks for nothing, be it our own report or what a budget allows: looked at again after each, a cluster that is formed or healed would get twice the
    /// passes. What somebody else writes into our status is put right at the next regular look.
    /// </summary>
    static bool IsReport<T>(T old, T current)
        where T : class, IKubernetesObject<T> =>
        old.Metadata.Uid == current.Metadata.Uid
        && old.Metadata.Generation == current.Metadata.Generation
        && old.Metadata.DeletionTimestamp == current.Metadata.DeletionTimestamp
        && AreSame(old.Metadata.Annotations, current.Metadata.Annotations)
        && AreSame(old.Metadata.Labels, current.Metadata.Labels);

    static bool AreSame(IReadOnlyDictionary<string, string>? old, IReadOnlyDictionary<string, string>? current) =>
        (old?.Count ?? 0) == (current?.Count ?? 0)
        && (old is null || old.All(entry => current!.TryGetValue(entry.Key, out var value) && value == entry.Value));

    /// <summary>A report changes nothing that was asked for: as long as that is the same it stays the same object, from which follows what was found out about it.</summary>
    RedisCluster KeepSpec(RedisCluster cluster) => Caches.Clusters.Get(NamespacedName.Of(cluster)) is { } known
        && known.Metadata.Uid == cluster.Metadata.Uid
        && known.Metadata.Generation is { } generation
        && generation == cluster.Metadata.Generation
            ? cluster with { Spec = known.Spec }
            : cluster;

    /// <summary>
    /// Of a pod's specification only its host and what its server may use is read. With a thousand clusters the rest would be most of the operator's memory.
    /// </summary>
    static V1Pod Trim(V1Pod pod) => pod with
    {
        Spec = new V1PodSpec
        {
            NodeName = pod.Spec?.NodeName,
            Containers =
            [
                .. from container in pod.Spec?.Containers ?? []
                   where container.Name == ClusterNames.RedisContainer
                   select new V1Container { Name = container.Name, Resources = new V1ResourceRequirements { Limits = container.Resources?.Limits } },
            ],
        },
    };

    /// <summary>A template is compared by what the models know of it and by its stamp.</summary>
    static V1StatefulSet Trim(V1StatefulSet set) => set.Spec is { } spec ? set with { Spec = spec with { Template = spec.Template with { Whole = null } } } : set;
}
