namespace Slotwise.Reconcilers.Planning;

/// <summary>Which masters hold keys of a slot, and whether all of them could be asked.</summary>
/// <param name="Members">The masters that hold some.</param>
/// <param name="Silent">A master that did not say; null when all did.</param>
public sealed record KeyHolders(IReadOnlyList<Member> Members, Member? Silent)
{
    public static KeyHolders Of(ClusterView view, int slot)
    {
        ArgumentNullException.ThrowIfNull(view);
        var holders = new List<Member>();
        foreach (var master in view.Masters)
        {
            switch (view.Observation.Keys.Holds(master.Id, slot))
            {
                case null:
                    return new KeyHolders([], master);
                case true:
                    holders.Add(master);
                    break;
            }
        }

        return new KeyHolders(holders, Silent: null);
    }
}
