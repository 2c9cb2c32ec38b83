using Slotwise.Redis;

namespace Slotwise.Simulation.Runs;

/// <summary>A pod that the operator ended.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Owned">The slots that its server owned when the operator ended it.</param>
/// <param name="HadCopies">Whether a replica in sync could have taken over from it.</param>
public sealed record StoppedPod(string Name, string Uid, SlotSet Owned, bool HadCopies)
{
    /// <summary>Whether it was a master or a copy of one.</summary>
    public bool Worked { get; init; }
}
