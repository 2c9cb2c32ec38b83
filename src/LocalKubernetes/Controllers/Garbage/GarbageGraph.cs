using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Discovery;

namespace Slotwise.LocalKubernetes.Controllers.Garbage;

/// <summary>Who owns whom, as far as the watches have told. Safe for many threads.</summary>
public sealed class GarbageGraph
{
    public const string Foreground = "foregroundDeletion";
    public const string Orphan = "orphan";

    readonly Lock _gate = new();
    readonly Dictionary<string, AnyObject> _objects = [];
    readonly Dictionary<string, HashSet<string>> _dependents = [];

    /// <summary>Takes a change in.</summary>
    /// <returns>The uids of the objects that are to be looked at because of it.</returns>
    public IReadOnlyCollection<string> Apply(AnyObject? before, AnyObject? after)
    {
        lock (_gate)
        {
            var uid = (after ?? before)!.Metadata.Uid ?? "";
            // what the graph knows counts, not what the watch knew
            var known = _objects.GetValueOrDefault(uid);
            var look = new HashSet<string>();
            foreach (var owner in OwnersOf(known).Select(owner => owner.Uid))
            {
                Forget(owner, uid);
                look.Add(owner); // it may wait for this one
            }

            if (after is null)
            {
                _objects.Remove(uid);
                look.UnionWith(DependentsOf(uid));
                return look;
            }

            _objects[uid] = after;
            look.Add(uid);
            foreach (var owner in OwnersOf(after))
            {
                if (!_dependents.TryGetValue(owner.Uid, out var dependents))
                {
                    _dependents.Add(owner.Uid, dependents = []);
                }

                dependents.Add(uid);
            }

            if (IsLeaving(after.Metadata, Foreground) && !IsLeaving(known?.Metadata, Foreground))
            {
                look.UnionWith(DependentsOf(uid));
            }

            return look;
        }
    }

    public AnyObject? Find(string uid)
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(uid);
        }
    }

    /// <summary>The objects that name this one as an owner.</summary>
    public IReadOnlyList<AnyObject> Dependents(string uid)
    {
        lock (_gate)
        {
            return [.. DependentsOf(uid).Select(dependent => _objects[dependent])];
        }
    }

    /// <summary>Whether an object is being deleted and has to do something with its dependents first.</summary>
    public static bool IsLeaving(V1ObjectMeta? metadata, string finalizer) => metadata?.DeletionTimestamp is not null && metadata.Finalizers?.Contains(finalizer) == true;

    HashSet<string> DependentsOf(string uid) => _dependents.GetValueOrDefault(uid) ?? [];

    void Forget(string owner, string dependent)
    {
        if (_dependents.TryGetValue(owner, out var dependents) && dependents.Remove(dependent) && dependents.Count == 0)
        {
            _dependents.Remove(owner);
        }
    }

    static IReadOnlyList<V1OwnerReference> OwnersOf(AnyObject? obj) => obj?.Metadata.OwnerReferences ?? [];
}
