namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 9 as well: what the servers do by themselves once they know each other. Each hears who owns what, and decides from that whether it
/// serves. No object changes by it, so nobody but this wait would have it looked at again.
/// </summary>
public static class Agreeing
{
    /// <summary>How old a master is at least before it serves (CLUSTER_WRITABLE_DELAY in cluster.c); of its age only whole seconds are told.</summary>
    static readonly TimeSpan WritableDelay = TimeSpan.FromSeconds(2);

    /// <summary>In its last second, of which it does not tell how much is over.</summary>
    static readonly TimeSpan Closely = TimeSpan.FromMilliseconds(100);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (!view.ServedSlots.IsFull)
        {
            // While it is being founded the rung above says what is missing.
            return view.WasFounded
                ? RungAnswer.Of(new Wait(
                    "Uncovered",
                    $"no reachable master serves slots {view.ServedSlots.Complement()}: its pod comes back with its data, or the servers elect a replica",
                    view.GossipInterval))
                : RungAnswer.Nothing;
        }

        if (!view.MastersAgree)
        {
            return RungAnswer.Of(new Wait("Agreeing", "the masters do not agree yet who owns which slots", view.GossipInterval));
        }

        if (!view.KnowRoles)
        {
            return RungAnswer.Of(new Wait("Agreeing", "not every node knows yet who follows whom", view.GossipInterval));
        }

        if (view.Members.FirstOrDefault(member => !member.Server.Cluster.IsOk) is { } hesitant)
        {
            return RungAnswer.Of(new Wait("Starting", $"{hesitant} does not serve yet: its cluster_state is not ok", UntilServes(view, hesitant)));
        }

        // A replica that has not heard of a moved slot yet still sends clients to where the slot was, and from there they find it.
        return view.IsFormed
            ? RungAnswer.Nothing
            : RungAnswer.Of(new Wait("Agreeing", "not every replica knows yet who owns which slots", view.GossipInterval) { IsLocal = true });
    }

    static TimeSpan UntilServes(ClusterView view, Member hesitant)
    {
        var least = WritableDelay - TimeSpan.FromSeconds(1) - hesitant.Server.Info.Uptime;
        var closely = Closely > view.GossipInterval ? Closely : view.GossipInterval;
        return least > closely ? least : closely;
    }
}
