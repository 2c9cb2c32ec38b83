using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Garbage;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Watching;
using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.Kubernetes.Control;

/// <summary>Carries out what owner references ask for, as <see cref="PlanGarbage"/> decides it.</summary>
sealed class GarbageCollector(Simulator simulator, Func<Store> store, Func<TimeSpan> delay)
{
    static readonly WriteOptions Writer = new() { Manager = "kube-controller-manager" };

    readonly SortedDictionary<string, (ResourceKind Kind, StoredObject Object)> _objects = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, SortedSet<string>> _dependents = new(StringComparer.Ordinal);
    readonly SortedSet<string> _due = new(StringComparer.Ordinal);

    public void Hear(StoreChange change)
    {
        var uid = Meta.Uid((change.After ?? change.Before)!.Json);
        foreach (var owner in OwnersOf(change.Before))
        {
            if (_dependents.TryGetValue(owner, out var dependents) && dependents.Remove(uid) && dependents.Count == 0)
            {
                _dependents.Remove(owner);
            }

            LookAt(owner); // it may wait for this one
        }

        if (change.After is not { } after)
        {
            _objects.Remove(uid);
            LookAtDependents(uid);
            return;
        }

        _objects[uid] = (change.Kind, after);
        foreach (var owner in OwnersOf(after))
        {
            if (!_dependents.TryGetValue(owner, out var dependents))
            {
                _dependents[owner] = dependents = new SortedSet<string>(StringComparer.Ordinal);
            }

            dependents.Add(uid);
            if (change.Before is null && (!_objects.TryGetValue(owner, out var known) || Meta.IsDeleting(known.Object.Json)))
            {
                LookAt(uid);
            }
        }

        if (Meta.IsDeleting(after.Json) && Meta.Finalizers(after.Json).Any(finalizer => finalizer is GarbageGraph.Foreground or GarbageGraph.Orphan))
        {
            LookAt(uid);
            LookAtDependents(uid);
        }
    }

    void LookAtDependents(string uid)
    {
        if (_dependents.TryGetValue(uid, out var dependents))
        {
            foreach (var dependent in dependents)
            {
                LookAt(dependent);
            }
        }
    }

    void LookAt(string uid)
    {
        if (_due.Add(uid))
        {
            simulator.After(delay(), () =>
            {
                _due.Remove(uid);
                Look(uid);
            });
        }
    }

    void Look(string uid)
    {
        if (!_objects.TryGetValue(uid, out var found))
        {
            return;
        }

        var metadata = found.Object.Json["metadata"]!.Deserialize(KubernetesJson.Default.V1ObjectMeta)!;
        if (GarbageGraph.IsLeaving(metadata, GarbageGraph.Orphan))
        {
            Orphan(metadata);
        }
        else if (GarbageGraph.IsLeaving(metadata, GarbageGraph.Foreground))
        {
            FinishForeground(found.Kind, metadata);
        }
        else
        {
            Collect(found.Kind, metadata);
        }
    }

    void Collect(ResourceKind kind, V1ObjectMeta obj)
    {
        var owners = (obj.OwnerReferences ?? []).Select(owner => (owner, StateOf(owner))).ToList();
        var step = PlanGarbage.Of(obj, owners, _dependents.ContainsKey(obj.Uid!));
        switch (step.Action)
        {
            case GarbageAction.ForgetOwners:
                ForgetOwners(kind, obj, step.Owners);
                break;
            case GarbageAction.DeleteForeground:
                Delete(kind, obj, "Foreground");
                break;
            case GarbageAction.Delete:
                Delete(kind, obj, "Background");
                break;
        }
    }

    OwnerState StateOf(V1OwnerReference owner) => !_objects.TryGetValue(owner.Uid, out var found) ? OwnerState.Gone
        : Meta.IsDeleting(found.Object.Json) && Meta.Finalizers(found.Object.Json).Contains(GarbageGraph.Foreground) ? OwnerState.Waiting
        : OwnerState.Solid;

    void FinishForeground(ResourceKind kind, V1ObjectMeta obj)
    {
        var blocking = DependentsOf(obj).Any(dependent => (dependent.Object.Json.Object("metadata").Array("ownerReferences") ?? []).OfType<JsonObject>()
            .Any(owner => owner.Text("uid") == obj.Uid && owner.Flag("blockOwnerDeletion") == true));
        if (!blocking)
        {
            RemoveFinalizer(kind, obj, GarbageGraph.Foreground);
        }
    }

    void Orphan(V1ObjectMeta obj)
    {
        foreach (var (kind, dependent) in DependentsOf(obj).ToList())
        {
            ForgetOwners(kind, dependent.Json["metadata"]!.Deserialize(KubernetesJson.Default.V1ObjectMeta)!, [obj.Uid!]);
        }

        RemoveFinalizer(_objects[obj.Uid!].Kind, obj, GarbageGraph.Orphan);
    }

    IEnumerable<(ResourceKind Kind, StoredObject Object)> DependentsOf(V1ObjectMeta obj) =>
        _dependents.TryGetValue(obj.Uid!, out var dependents) ? dependents.Select(uid => _objects[uid]) : [];

    void ForgetOwners(ResourceKind kind, V1ObjectMeta obj, IReadOnlyList<string> owners) =>
        Patch(kind, obj, new V1ObjectMeta { OwnerReferences = [.. (obj.OwnerReferences ?? []).Where(owner => !owners.Contains(owner.Uid))] });

    void RemoveFinalizer(ResourceKind kind, V1ObjectMeta obj, string finalizer) =>
        Patch(kind, obj, new V1ObjectMeta { Finalizers = [.. (obj.Finalizers ?? []).Where(one => one != finalizer)] });

    void Patch(ResourceKind kind, V1ObjectMeta obj, V1ObjectMeta change) =>
        store().Patch(kind, obj.NamespaceProperty, obj.Name!, PatchType.Merge, new JsonObject { ["metadata"] = JsonSerializer.SerializeToNode(change, KubernetesJson.Default.V1ObjectMeta) }, null, Writer);

    void Delete(ResourceKind kind, V1ObjectMeta obj, string policy) =>
        store().Delete(kind, obj.NamespaceProperty, obj.Name!, new DeleteOptions { PreconditionUid = obj.Uid, PropagationPolicy = policy });

    static IEnumerable<string> OwnersOf(StoredObject? stored) =>
        stored?.Json.Object("metadata").Array("ownerReferences")?.OfType<JsonObject>().Select(owner => owner.Text("uid") ?? "") ?? [];
}
