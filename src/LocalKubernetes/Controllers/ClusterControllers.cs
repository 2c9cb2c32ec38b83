using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Budgets;
using Slotwise.LocalKubernetes.Controllers.Claims;
using Slotwise.LocalKubernetes.Controllers.Deployments;
using Slotwise.LocalKubernetes.Controllers.Discovery;
using Slotwise.LocalKubernetes.Controllers.Endpoints;
using Slotwise.LocalKubernetes.Controllers.Garbage;
using Slotwise.LocalKubernetes.Controllers.Hosts;
using Slotwise.LocalKubernetes.Controllers.Namespaces;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Controllers.ReplicaSets;
using Slotwise.LocalKubernetes.Controllers.Scheduling;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers;

/// <summary>How the controllers reach the API server: each as a user of its own.</summary>
public sealed record ControllerIdentities(KubernetesConfiguration ControllerManager, KubernetesConfiguration Scheduler);

/// <summary>Runs all controllers of a cluster: LocalKubernetes' kube-controller-manager and kube-scheduler.</summary>
public sealed class ClusterControllers : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly List<IDisposable> _disposables = [];
    readonly List<IInformer> _informers = [];
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly KubernetesClient _api;
    readonly KubernetesClient _scheduler;
    readonly UntypedClient _untyped;
    readonly List<Func<CancellationToken, Task>> _loops = [];
    Task _work = Task.CompletedTask;

    ClusterControllers(ControllerIdentities identities, TimeProvider time, ILogger logger)
    {
        _api = new KubernetesClient(identities.ControllerManager, time);
        _scheduler = new KubernetesClient(identities.Scheduler, time);
        _untyped = new UntypedClient(identities.ControllerManager, time);
        _time = time;
        _logger = logger;
    }

    /// <param name="identities">How the controllers reach the API server.</param>
    /// <param name="volumesDirectory">Where the data of claims goes.</param>
    /// <param name="certificateAuthority">In PEM; pods find it in <c>kube-root-ca.crt</c>.</param>
    /// <param name="delays">How patient they are with hosts.</param>
    /// <param name="cancellationToken">Bounds the start.</param>
    public static async Task<ClusterControllers> StartAsync(
        ControllerIdentities identities, string volumesDirectory, string certificateAuthority, HostDelays delays, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identities);
        var controllers = new ClusterControllers(identities, time, logger);
        await controllers.CreateStandardClassesAsync(cancellationToken);
        controllers.Compose(volumesDirectory, certificateAuthority, delays);
        controllers._loops.Add(new EventExpiry(controllers._api, time).RunAsync);
        controllers._work = Task.WhenAll(controllers._informers.Select(informer => informer.RunAsync(controllers._stop.Token)));
        await Task.WhenAll(controllers._informers.Select(informer => informer.WaitForSyncAsync(cancellationToken)));
        controllers._work = Task.WhenAll([controllers._work, .. controllers._loops.Select(loop => Task.Run(() => loop(controllers._stop.Token), CancellationToken.None))]);
        return controllers;
    }

    /// <summary>Stops all controllers. Bounded by five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(5)));
        _disposables.ForEach(disposable => disposable.Dispose());
        _api.Dispose();
        _scheduler.Dispose();
        _untyped.Dispose();
        _stop.Dispose();
    }

    void Compose(string volumesDirectory, string certificateAuthority, HostDelays delays)
    {
        var sets = Inform<StatefulSetDocument>();
        var pods = Inform<V1Pod>();
        var claims = Inform<V1PersistentVolumeClaim>();
        var revisions = Inform<ControllerRevisionDocument>();
        var services = Inform<V1Service>();
        var slices = Inform<V1EndpointSlice>();
        var endpointLists = Inform<EndpointsDocument>();
        var budgets = Inform<V1PodDisruptionBudget>();
        var nodes = Inform<V1Node>();
        var namespaces = Inform<V1Namespace>();
        var classes = Inform<StorageClassDocument>();

        var statefulSet = Control(sets, new StatefulSetController(_api, sets, pods, claims, revisions, Record("statefulset-controller"), _time), workers: 2);
        pods.AddHandler((before, after) => AddOwners(statefulSet, sets, set => set.Spec.Selector, before, after));
        revisions.AddHandler((before, after) => AddOwners(statefulSet, sets, set => set.Spec.Selector, before, after));

        ComposeDeployments(pods);

        var endpoints = Control(services, new EndpointSliceController(_api, services, pods, slices, endpointLists, nodes), workers: 2);
        pods.AddHandler((before, after) => AddAll(endpoints, services, (after ?? before)!, service =>
            service.Spec?.Selector is { Count: > 0 } selector && (Labels.Match(selector, before?.Metadata.Labels) || Labels.Match(selector, after?.Metadata.Labels))));

        var budget = Control(budgets, new BudgetController(_api, new ControllerScales(new ApiDiscovery(_untyped)), budgets, pods, Record("disruption-controller"), _time), workers: 1);
        pods.AddHandler((before, after) => AddAll(budget, budgets, (after ?? before)!, one =>
            Labels.Match(one.Spec?.Selector, before?.Metadata.Labels) || Labels.Match(one.Spec?.Selector, after?.Metadata.Labels)));
        sets.AddHandler((before, after) => AddAll(budget, budgets, (after ?? before)!, _ => true));

        var volumes = Inform<VolumeDocument>();
        var volume = Control(volumes, new VolumeController(_api, volumes, claims, volumesDirectory), workers: 1);
        claims.AddHandler((before, after) =>
        {
            if ((after ?? before)!.Spec?.VolumeName is { Length: > 0 } name)
            {
                volume.Queue.Add(new NamespacedName("", name));
            }
        });

        var claim = Control(claims, new ClaimController(_api, claims, volumes, classes, pods, volumesDirectory, Record("persistentvolume-controller"), _time), workers: 1);
        pods.AddHandler((before, after) =>
        {
            foreach (var used in ((after ?? before)!.Spec?.Volumes ?? []).Where(used => used.PersistentVolumeClaim is not null))
            {
                claim.Queue.Add(new NamespacedName((after ?? before)!.Metadata.NamespaceProperty ?? "", used.PersistentVolumeClaim!.ClaimName));
            }
        });

        volumes.AddHandler((before, after) =>
        {
            // a volume that comes free may be what a claim waits for, one that goes what a claim loses
            if (after is null || (after.Spec.ClaimRef is null && before?.Spec.ClaimRef is not null))
            {
                foreach (var waiting in claims.List())
                {
                    claim.Queue.Add(NamespacedName.Of(waiting));
                }
            }
        });

        var garbage = new GarbageCollector(new ApiDiscovery(_untyped), Record("garbage-collector-controller"), _time, _logger);
        _disposables.Add(garbage);
        _loops.Add(garbage.RunAsync);

        ComposeScheduler(new SchedulerCaches { Pods = pods, Nodes = nodes, Namespaces = namespaces, Claims = claims, Volumes = volumes, Classes = classes }, pods, nodes, claims);
        var ns = Control(namespaces, new NamespaceController(_api, namespaces, new ApiDiscovery(_untyped), certificateAuthority, _time), workers: 1);
        Inform<ServiceAccountDocument>("metadata.name=default").AddHandler(EnsureAgain);
        Inform<V1ConfigMap>("metadata.name=kube-root-ca.crt").AddHandler(EnsureAgain);
        ComposeHosts(nodes, pods, delays);

        void EnsureAgain(IKubernetesObject? before, IKubernetesObject? after)
        {
            if (after is null)
            {
                ns.Queue.Add(new NamespacedName("", before!.Metadata.NamespaceProperty ?? ""));
            }
        }
    }

    /// <summary>Pods that found no host are looked at again when something changes that may give them one.</summary>
    void ComposeScheduler(SchedulerCaches caches, Informer<V1Pod> pods, Informer<V1Node> nodes, Informer<V1PersistentVolumeClaim> claims)
    {
        var scheduler = Control(pods, new Scheduler(_api, caches, Record(Scheduler.Name, _scheduler), _time), workers: 1);
        pods.AddHandler((before, after) =>
        {
            if (after is null || after.Spec?.NodeName != before?.Spec?.NodeName || after.Status?.Phase != before?.Status?.Phase || after.Metadata.DeletionTimestamp != before?.Metadata.DeletionTimestamp)
            {
                WakeWaiting();
            }
        });
        nodes.AddHandler((_, _) => WakeWaiting());
        claims.AddHandler((_, _) => WakeWaiting());

        void WakeWaiting()
        {
            foreach (var pod in pods.List().Where(Scheduler.Waits))
            {
                scheduler.Queue.Add(NamespacedName.Of(pod));
            }
        }
    }

    void ComposeHosts(Informer<V1Node> nodes, Informer<V1Pod> pods, HostDelays delays)
    {
        var leases = Inform<V1Lease>();
        var events = Record("node-controller");
        Control(nodes, new HostTaints(_api, nodes, _time), workers: 1);
        var eviction = Control(pods, new TaintEviction(_api, pods, nodes, Record("taint-eviction-controller"), _time), workers: 1);
        nodes.AddHandler((_, after) =>
        {
            foreach (var pod in pods.List().Where(pod => pod.Spec?.NodeName == after?.Metadata.Name))
            {
                eviction.Queue.Add(NamespacedName.Of(pod));
            }
        });
        _loops.Add(new HostMonitor(_api, nodes, leases, pods, delays, events, _time).RunAsync);
        _loops.Add(new PodCollector(_api, nodes, pods, delays, _time).RunAsync);
    }

    void ComposeDeployments(Informer<V1Pod> pods)
    {
        var sets = Inform<ReplicaSetDocument>();
        var replicaSet = Control(sets, new ReplicaSetController(_api, sets, pods, Record("replicaset-controller"), _time), workers: 2);
        pods.AddHandler((before, after) => AddOwners(replicaSet, sets, set => set.Spec.Selector, before, after));

        var deployments = Inform<DeploymentDocument>();
        var deployment = Control(deployments, new DeploymentController(_api, deployments, sets, pods, Record("deployment-controller"), _time), workers: 2);
        sets.AddHandler((before, after) => AddOwners(deployment, deployments, one => one.Spec.Selector, before, after));
        pods.AddHandler((before, after) =>
        {
            // Recreate waits for the last old pod
            if (after is null && OwnerReference.ControllerOf(before!) is { Kind: "ReplicaSet" } owner && sets.Get(new NamespacedName(before!.Metadata.NamespaceProperty ?? "", owner.Name)) is { } set)
            {
                AddOwners(deployment, deployments, one => one.Spec.Selector, set, set);
            }
        });
    }

    Informer<T> Inform<T>(string? fieldSelector = null)
        where T : class, IKubernetesObject<T>
    {
        var informer = new Informer<T>(_api, new InformerOptions<T> { FieldSelector = fieldSelector }, _time, new Random(), _logger);
        _informers.Add(informer);
        return informer;
    }

    Controller<T> Control<T>(Informer<T> informer, IEntityController<T> reconciler, int workers)
        where T : class, IKubernetesObject<T>
    {
        var controller = new Controller<T>(reconciler, new ControllerOptions { Workers = workers }, _time, _logger);
        controller.Watch(informer);
        _loops.Add(controller.RunAsync);
        _disposables.Add(controller);
        return controller;
    }

    EventRecorder Record(string component, KubernetesClient? api = null)
    {
        var recorder = new EventRecorder(api ?? _api, component, component, _time, _logger);
        _loops.Add(recorder.RunAsync);
        return recorder;
    }

    /// <summary>Has those look that controlled an object or do now; or, when nobody does, those that may take it.</summary>
    static void AddOwners<T>(Controller<T> controller, IObjectCache<T> owners, Func<T, V1LabelSelector?> selector, IKubernetesObject? before, IKubernetesObject? after)
        where T : class, IKubernetesObject<T>
    {
        var kind = KubernetesKind.Of<T>().Kind;
        foreach (var owner in new[] { before, after }.OfType<IKubernetesObject>().Select(OwnerReference.ControllerOf).OfType<V1OwnerReference>().Where(owner => owner.Kind == kind).DistinctBy(owner => owner.Name))
        {
            controller.Queue.Add(new NamespacedName((after ?? before)!.Metadata.NamespaceProperty ?? "", owner.Name));
        }

        if (after is not null && OwnerReference.ControllerOf(after) is null)
        {
            AddAll(controller, owners, after, owner => Labels.Match(selector(owner), after.Metadata.Labels));
        }
    }

    static void AddAll<T>(Controller<T> controller, IObjectCache<T> objects, IKubernetesObject changed, Func<T, bool> concerns)
        where T : class, IKubernetesObject<T>
    {
        foreach (var obj in objects.List().Where(obj => obj.Metadata.NamespaceProperty == changed.Metadata.NamespaceProperty && concerns(obj)))
        {
            controller.Queue.Add(NamespacedName.Of(obj));
        }
    }

    /// <summary>The classes that every cluster has: of volumes, and of pods that the system needs.</summary>
    async Task CreateStandardClassesAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync(ClaimController.Standard, cancellationToken);
        await EnsureAsync(ClaimController.Sized, cancellationToken);
        foreach (var priority in PriorityClassDocument.Standard)
        {
            await EnsureAsync(priority, cancellationToken);
        }
    }

    async Task EnsureAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            await _api.CreateAsync(obj, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // from an earlier life
        }
    }
}
