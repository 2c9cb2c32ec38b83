namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 9 as well: what the servers do by themselves once they know each other. Each hears who owns what, and decides from that whether it
/// serves. No object changes by it, so nobody but this wait would have it looked at again.
/// </summary>
public static class Agreeing
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (!view.ServedSlots.IsFull)
        {
            return RungAnswer.Nothing;
        }

        if (!view.IsFormed)
        {
            return RungAnswer.Of(new Wait("Agreeing", "the nodes do not agree yet who owns which slots", view.GossipInterval));
        }

        if (!view.KnowRoles)
        {
            return RungAnswer.Of(new Wait("Agreeing", "not every node knows yet who follows whom", view.GossipInterval));
        }

        return view.Members.FirstOrDefault(member => !member.Server.Cluster.IsOk) is { } hesitant
            ? RungAnswer.Of(new Wait("Starting", $"{hesitant} does not serve yet: its cluster_state is not ok", view.GossipInterval))
            : RungAnswer.Nothing;
    }
}
