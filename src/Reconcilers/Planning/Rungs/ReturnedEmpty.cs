namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 5, of masters that are there again but not what they were: a process that owns slots and was started a moment ago without its keys, while a replica
/// still has them. The replica is about to copy the empty master, so it is made the master first (facts measured on Redis 7.0: it has some 5 s).
/// </summary>
public static class ReturnedEmpty
{
    /// <summary>A master that runs longer than this is empty because somebody emptied it.</summary>
    static readonly TimeSpan JustStarted = TimeSpan.FromMinutes(1);

    /// <summary>Whether the server lost the keys that a replica of it still holds, so that it must not be given slots.</summary>
    public static bool IsWaitingFor(ClusterView view, Member master)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(master);
        return master.Server is { IsMaster: true, HoldsKeys: false, Info.IsLoading: false }
            && master.Server.Info.Uptime < JustStarted
            && view.Members.Any(replica => IsLastCopyOf(master, replica));
    }

    static bool IsLastCopyOf(Member master, Member replica) =>
        replica.Server.Myself.MasterId == master.Id
        && replica.Server is { HoldsKeys: true, IsInSync: false, Info.IsLoading: false }
        && replica.Server.Info.Uptime > master.Server.Info.Uptime;
}
