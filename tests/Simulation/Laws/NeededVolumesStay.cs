using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// The claim of a pod is deleted only if the node on its volume owns no slot and no key is on it alone. Its pod may use it for a while after that, but what it writes goes with it.
/// With a resource that is deleted its data may go.
/// </summary>
sealed class NeededVolumesStay() : Law("1", "no volume goes that is needed")
{
    readonly SortedDictionary<string, string> _needed = new(StringComparer.Ordinal);

    public override void BeforeWrite(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        _needed.Remove(write.ObjectName);
        if (DeletesClaim(write) && !World.IsDeleted && World.NeedFor(write.ObjectName) is { } need)
        {
            _needed[write.ObjectName] = need;
        }
    }

    /// <summary>One that is meant for an earlier claim of the name is refused.</summary>
    public override void AfterWrite(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (DeletesClaim(write) && _needed.Remove(write.ObjectName, out var need) && !World.HasClaim(write.ObjectName))
        {
            Violated(write.ObjectName, $"is deleted although {need}", "it is gone for good as soon as its pod is");
        }
    }

    static bool DeletesClaim(ObjectWrite write) => write is { Kind: "PersistentVolumeClaim", Verb: "delete" };
}
