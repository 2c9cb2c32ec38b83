using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Controllers.Garbage;

/// <summary>What garbage collection has to do with one object.</summary>
public enum GarbageAction
{
    /// <summary>All its owners are gone.</summary>
    Delete,

    /// <summary>Its owner waits for it (foreground deletion), so it has to wait for its own dependents too.</summary>
    DeleteForeground,

    /// <summary>Some of its owners are gone, or gave it up: forget those.</summary>
    ForgetOwners,

    /// <summary>Nothing that a finalizer of garbage collection waits for is left: take it off.</summary>
    RemoveFinalizer,
}

/// <param name="Object">The object.</param>
/// <param name="Action">What to do.</param>
/// <param name="Owners">The uids of the owners to forget.</param>
/// <param name="Finalizer">The finalizer to take off.</param>
public sealed record GarbageStep(StoredObject Object, GarbageAction Action, IReadOnlyList<string> Owners, string? Finalizer);

/// <summary>Decides what owner references ask for. Pure; the rules are those of Kubernetes' garbage collector.</summary>
public static class PlanGarbage
{
    const string Foreground = "foregroundDeletion";
    const string Orphan = "orphan";

    /// <param name="objects">Everything there is.</param>
    public static IReadOnlyList<GarbageStep> Of(IReadOnlyCollection<StoredObject> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        var byUid = objects.DistinctBy(stored => Meta.Uid(stored.Json)).ToDictionary(stored => Meta.Uid(stored.Json));
        var dependents = objects.SelectMany(stored => OwnersOf(stored).Select(owner => (Owner: owner.Text("uid") ?? "", Dependent: stored, Reference: owner))).ToLookup(entry => entry.Owner);
        var steps = new List<GarbageStep>();
        foreach (var stored in objects)
        {
            if (Finalize(stored, dependents[Meta.Uid(stored.Json)].Select(entry => (entry.Dependent, entry.Reference))) is { } finalize)
            {
                steps.Add(finalize);
            }

            var owners = OwnersOf(stored).ToList();
            if (owners.Count > 0 && Collect(stored, owners, byUid) is { } collect)
            {
                steps.Add(collect);
            }
        }

        return steps;
    }

    static GarbageStep? Finalize(StoredObject stored, IEnumerable<(StoredObject Dependent, JsonObject Reference)> dependents)
    {
        if (!Meta.IsDeleting(stored.Json))
        {
            return null;
        }

        var finalizers = Meta.Finalizers(stored.Json).ToList();
        if (finalizers.Contains(Orphan) && !dependents.Any())
        {
            return new GarbageStep(stored, GarbageAction.RemoveFinalizer, [], Orphan);
        }

        return finalizers.Contains(Foreground) && !dependents.Any(entry => entry.Reference.Flag("blockOwnerDeletion") == true)
            ? new GarbageStep(stored, GarbageAction.RemoveFinalizer, [], Foreground)
            : null;
    }

    static GarbageStep? Collect(StoredObject stored, List<JsonObject> owners, Dictionary<string, StoredObject> byUid)
    {
        var orphaning = owners.Where(owner => byUid.TryGetValue(owner.Text("uid") ?? "", out var found) && IsLeaving(found, Orphan)).ToList();
        var gone = owners.Where(owner => !byUid.ContainsKey(owner.Text("uid") ?? "")).ToList();
        var waiting = owners.Where(owner => byUid.TryGetValue(owner.Text("uid") ?? "", out var found) && IsLeaving(found, Foreground)).ToList();
        if (orphaning.Count > 0)
        {
            return Forget(orphaning);
        }

        var solid = owners.Count - gone.Count - waiting.Count;
        if (solid > 0)
        {
            return gone.Count + waiting.Count > 0 ? Forget([.. gone, .. waiting]) : null;
        }

        if (Meta.IsDeleting(stored.Json))
        {
            return null;
        }

        return new GarbageStep(stored, waiting.Count > 0 ? GarbageAction.DeleteForeground : GarbageAction.Delete, [], null);

        GarbageStep Forget(IReadOnlyList<JsonObject> forgotten) => new(stored, GarbageAction.ForgetOwners, [.. forgotten.Select(owner => owner.Text("uid") ?? "")], null);
    }

    static bool IsLeaving(StoredObject stored, string finalizer) => Meta.IsDeleting(stored.Json) && Meta.Finalizers(stored.Json).Contains(finalizer);

    static IEnumerable<JsonObject> OwnersOf(StoredObject stored) => (stored.Json.Object("metadata").Array("ownerReferences") ?? []).OfType<JsonObject>();
}
