using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning;

/// <summary>Which masters say of themselves that they own which slots. What one says of another does not count here.</summary>
public sealed class SlotClaims
{
    readonly IReadOnlyList<Member> _masters;

    public SlotClaims(IReadOnlyList<Member> masters)
    {
        ArgumentNullException.ThrowIfNull(masters);
        _masters = masters;
        Claimed = Contested = SlotSet.Empty;
        foreach (var master in masters)
        {
            Contested = Contested.Union(Claimed.Intersect(master.Server.Slots));
            Claimed = Claimed.Union(master.Server.Slots);
        }
    }

    /// <summary>Slots that at least one master claims.</summary>
    public SlotSet Claimed { get; }

    /// <summary>Slots that several masters claim.</summary>
    public SlotSet Contested { get; }

    public IEnumerable<Member> ClaimantsOf(int slot) => _masters.Where(master => master.Server.Slots.Contains(slot));

    /// <summary>The only master that claims the slot; null if there is none or several.</summary>
    public Member? OwnerOf(int slot) => Claimed.Contains(slot) && !Contested.Contains(slot) ? ClaimantsOf(slot).First() : null;
}
