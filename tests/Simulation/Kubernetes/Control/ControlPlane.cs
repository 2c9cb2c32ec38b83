using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers;
using Slotwise.LocalKubernetes.Controllers.Budgets;
using Slotwise.LocalKubernetes.Controllers.Hosts;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Controllers.Scheduling;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;
using Slotwise.LocalKubernetes.Events;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes.Hosts;
using Slotwise.Simulation.Kubernetes.Objects;

namespace Slotwise.Simulation.Kubernetes.Control;

/// <summary>
/// The controllers of Kubernetes: LocalKubernetes' own, each a little after what concerns it happened. Nobody reads the events that they would write.
/// </summary>
sealed class ControlPlane
{
    readonly SimulatedKubernetes _world;
    readonly Caches _caches;
    readonly IKubernetesApi _api;
    readonly EventRecorder _events;

    public ControlPlane(SimulatedKubernetes world, IKubernetesApi api, IReadOnlyList<Host> hosts)
    {
        _world = world;
        _caches = world.Caches;
        _api = api;
        _events = new EventRecorder(api, "kube-controller-manager", "kube-controller-manager", Time, NullLogger.Instance);
        Nodes = new Nodes(world.Simulator, api, _caches.Nodes, hosts);
        ComposeSets();
        ComposeBudgets();
        ComposeClaims();
        ComposeScheduler();
        ComposeHosts();
    }

    public Nodes Nodes { get; }

    SimulatedTime Time => _world.Simulator.Time;

    /// <summary>Starts what looks at hosts now and then.</summary>
    public void Start()
    {
        _ = new HostMonitor(_api, _caches.Nodes, Nodes, _caches.Pods, _world.Delays.Hosts, _events, Time).RunAsync(CancellationToken.None);
        _ = new PodCollector(_api, _caches.Nodes, _caches.Pods, _world.Delays.Hosts, Time).RunAsync(CancellationToken.None);
    }

    /// <summary>Whether a disk may be taken from a host that has not let go of it (attach-detach controller).</summary>
    public bool MayDetach(string host, TimeSpan waited)
    {
        var node = _caches.Nodes.Get(new NamespacedName("", host));
        return node is null || (!Taints.IsReady(node) && (waited >= _world.Delays.Hosts.Unmount || node.Spec?.Taints?.Any(taint => taint.Key == Taints.OutOfService) == true));
    }

    void ComposeSets()
    {
        var sets = Control(new StatefulSetController(_api, _caches.StatefulSets, _caches.Pods, _caches.Claims, _caches.Revisions, _events, Time));
        _caches.StatefulSets.AddHandler((before, after) => sets.Add(NamespacedName.Of((after ?? before)!)));
        _caches.Pods.AddHandler(AddSets);

        void AddSets(IKubernetesObject? before, IKubernetesObject? after)
        {
            var changed = (after ?? before)!;
            foreach (var owner in new[] { before, after }.OfType<IKubernetesObject>().Select(OwnerReference.ControllerOf).OfType<V1OwnerReference>().Where(owner => owner.Kind == "StatefulSet"))
            {
                sets.Add(new NamespacedName(changed.Metadata.NamespaceProperty ?? "", owner.Name));
            }

            if (after is not null && OwnerReference.ControllerOf(after) is null)
            {
                foreach (var set in _caches.StatefulSets.List().Where(set => Labels.Match(set.Spec.Selector, after.Metadata.Labels)))
                {
                    sets.Add(NamespacedName.Of(set));
                }
            }
        }
    }

    void ComposeBudgets()
    {
        var budgets = Control(new BudgetController(_api, new SetScales(_caches.StatefulSets), _caches.Budgets, _caches.Pods, _events, Time));
        _caches.Budgets.AddHandler((before, after) => budgets.Add(NamespacedName.Of((after ?? before)!)));
        _caches.Pods.AddHandler((before, after) =>
        {
            foreach (var budget in _caches.Budgets.List().Where(budget => Labels.Match(budget.Spec?.Selector, before?.Metadata.Labels) || Labels.Match(budget.Spec?.Selector, after?.Metadata.Labels)))
            {
                budgets.Add(NamespacedName.Of(budget));
            }
        });
        _caches.StatefulSets.AddHandler((before, after) =>
        {
            if (before?.Spec.Replicas != after?.Spec.Replicas)
            {
                foreach (var budget in _caches.Budgets.List())
                {
                    budgets.Add(NamespacedName.Of(budget));
                }
            }
        });
    }

    void ComposeClaims()
    {
        var claims = Control(new ClaimBinder(_api, _caches.Claims, _caches.Pods));
        _caches.Claims.AddHandler((before, after) => claims.Add(NamespacedName.Of((after ?? before)!)));
        _caches.Pods.AddHandler((before, after) =>
        {
            foreach (var volume in after is null ? before!.Spec?.Volumes ?? [] : [])
            {
                if (volume.PersistentVolumeClaim is { } claim)
                {
                    claims.Add(new NamespacedName(before!.Metadata.NamespaceProperty ?? "", claim.ClaimName));
                }
            }
        });
    }

    void ComposeScheduler()
    {
        var caches = new SchedulerCaches
        {
            Pods = _caches.Pods,
            Nodes = _caches.Nodes,
            Namespaces = _caches.Namespaces,
            Claims = _caches.Claims,
            Volumes = _caches.Volumes,
            Classes = _caches.Classes,
        };
        var scheduler = Control(new Scheduler(_api, caches, _events, Time));
        _caches.Pods.AddHandler((before, after) =>
        {
            if (after is not null && Scheduler.Waits(after))
            {
                scheduler.Add(NamespacedName.Of(after));
            }

            if (after is null || after.Metadata.DeletionTimestamp != before?.Metadata.DeletionTimestamp)
            {
                WakeWaiting();
            }
        });
        _caches.Nodes.AddHandler((_, _) => WakeWaiting());
        _caches.Claims.AddHandler((_, _) => WakeWaiting());

        void WakeWaiting()
        {
            foreach (var pod in _caches.Pods.List().Where(Scheduler.Waits))
            {
                scheduler.Add(NamespacedName.Of(pod));
            }
        }
    }

    void ComposeHosts()
    {
        var taints = Control(new HostTaints(_api, _caches.Nodes, Time));
        var eviction = Control(new TaintEviction(_api, _caches.Pods, _caches.Nodes, _events, Time));
        _caches.Nodes.AddHandler((before, after) =>
        {
            taints.Add(NamespacedName.Of((after ?? before)!));
            foreach (var pod in _caches.Pods.List().Where(pod => pod.Spec?.NodeName == after?.Metadata.Name))
            {
                eviction.Add(NamespacedName.Of(pod));
            }
        });
        _caches.Pods.AddHandler((before, after) =>
        {
            if (before?.Spec?.NodeName != after?.Spec?.NodeName)
            {
                eviction.Add(NamespacedName.Of((after ?? before)!));
            }
        });
    }

    ControlLoop<T> Control<T>(IEntityController<T> controller)
        where T : class, IKubernetesObject<T> => new(_world.Simulator, controller, () => _world.Draw(_world.Delays.Controller));
}
