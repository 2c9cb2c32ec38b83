using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Garbage;

/// <summary>What was found where an owner reference points.</summary>
public enum OwnerState
{
    /// <summary>It is there.</summary>
    Solid,

    /// <summary>There is none, or another one of that name.</summary>
    Gone,

    /// <summary>It is being deleted, and waits for its dependents.</summary>
    Waiting,
}

/// <summary>What garbage collection has to do with an object that has owners.</summary>
public enum GarbageAction
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>All its owners are gone.</summary>
    Delete,

    /// <summary>Its owner waits for it, so it has to wait for its own dependents too.</summary>
    DeleteForeground,

    /// <summary>Some of its owners are gone: forget those.</summary>
    ForgetOwners,
}

/// <param name="Action">What to do.</param>
/// <param name="Owners">The uids of the owners to forget.</param>
public sealed record GarbageStep(GarbageAction Action, IReadOnlyList<string> Owners);

/// <summary>Decides what an object's owner references ask for. Pure; the rules are those of Kubernetes' garbagecollector.go.</summary>
public static class PlanGarbage
{
    /// <param name="obj">The object as it is now.</param>
    /// <param name="owners">The owners that it names, and what became of them.</param>
    /// <param name="hasDependents">Whether others name it as their owner.</param>
    public static GarbageStep Of(V1ObjectMeta obj, IReadOnlyList<(V1OwnerReference Reference, OwnerState State)> owners, bool hasDependents)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentNullException.ThrowIfNull(owners);
        if (owners.Count == 0 || obj.DeletionTimestamp is not null)
        {
            return new GarbageStep(GarbageAction.Keep, []);
        }

        if (owners.Any(owner => owner.State == OwnerState.Solid))
        {
            var leaving = owners.Where(owner => owner.State != OwnerState.Solid).Select(owner => owner.Reference.Uid).ToList();
            return new GarbageStep(leaving.Count == 0 ? GarbageAction.Keep : GarbageAction.ForgetOwners, leaving);
        }

        return new GarbageStep(hasDependents && owners.Any(owner => owner.State == OwnerState.Waiting) ? GarbageAction.DeleteForeground : GarbageAction.Delete, []);
    }
}
