using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Failovers;

/// <summary>
/// What the servers remember of elections (law 13): voters refuse a second vote about the same master for twice cluster-node-timeout, and a candidate that is asked
/// again within four times of it may promote itself on old votes, so that there are two masters for a moment.
/// </summary>
static class Elections
{
    /// <summary>A server gives a failover that it was asked for up after this time.</summary>
    public static readonly TimeSpan FailoverTime = TimeSpan.FromSeconds(5);

    /// <summary>How long until the master may be relieved; null when that is now.</summary>
    /// <param name="view">What was observed.</param>
    /// <param name="history">The shard's.</param>
    /// <param name="master">Who is to be relieved.</param>
    /// <param name="canWait">Whether nothing is hurt. Else who was asked and never came to ask for votes has used up none.</param>
    public static TimeSpan? UntilRelief(ClusterView view, FailoverHistory history, NodeId master, bool canWait) => Longest(
        from note in history.Notes
        where note.Master == master
        select !canWait && view.Find(note.Candidate) is { } candidate && NeverStood(candidate) ? Until(view, note.At, FailoverTime) : Until(view, note.At, 2 * Timeout(view)));

    /// <summary>How long until the candidate may stand; null when that is now.</summary>
    /// <param name="view">What was observed.</param>
    /// <param name="history">The shard's.</param>
    /// <param name="candidate">Who is to become master.</param>
    /// <param name="canWait">
    /// Whether nothing is hurt: then an election that nobody saw is taken to have happened right before it showed. A replica stands by itself, and for nothing, when after
    /// a partition it still takes its master for failed.
    /// </param>
    public static TimeSpan? UntilCandidacy(ClusterView view, FailoverHistory history, Member candidate, bool canWait)
    {
        if (NeverStood(candidate))
        {
            return history.LastOf(candidate.Id) is { } asked ? Until(view, asked, FailoverTime) : null;
        }

        var last = history.LastOf(candidate.Id);
        if (canWait)
        {
            var seen = LastStood(view, candidate)?.At;
            last = seen is null ? last ?? view.Observation.WatchedSince : last > seen ? last : seen;
        }

        return last is { } stood ? Until(view, stood, 4 * Timeout(view)) : null;
    }

    /// <summary>How many requests for votes a process has sent, and when that was first seen; null for one that sent none or does not say.</summary>
    public static (long VoteRequests, DateTimeOffset At)? LastStood(ClusterView view, Member member) =>
        member.Server.Cluster.VoteRequestsSent is not { } sent || sent == 0 ? null
        : view.Notes.FirstOrDefault(note => note.Id == member.Id)?.LastStood is { } noted && noted.VoteRequests == sent ? noted
        : (sent, view.Observation.At);

    /// <summary>
    /// Whether the candidate asks for votes by itself, and for the next time as soon as it has forgotten the last: it takes its master for failed, and has stood before,
    /// nobody knows when. FORCE would not have it ask sooner (the same time counts), but would go by that election.
    /// </summary>
    public static bool StandsByItself(ClusterView view, Member candidate, NodeId master) =>
        !NeverStood(candidate)
        && candidate.Server.Nodes.Find(master) is { HasFailed: true }
        && !candidate.Server.Myself.Flags.HasFlag(ClusterNodeFlags.NoFailover)
        && candidate.Server.Info.MasterSilentFor < OldestCandidate(view) + (4 * Timeout(view));

    /// <summary>Whether the servers had the time to notice that their master is gone and to elect another one.</summary>
    public static bool HadTime(ClusterView view, Member candidate) => candidate.Server.Info.MasterSilentFor > (2 * Timeout(view)) + FailoverTime;

    /// <summary>For how long a replica may have been out of touch that Redis itself elects: ten times cluster-node-timeout and the interval of its pings.</summary>
    public static TimeSpan OldestCandidate(ClusterView view) => (10 * Timeout(view)) + TimeSpan.FromSeconds(10);

    /// <summary>How long until a failover that the operator asked for has succeeded or failed; null when none is under way.</summary>
    public static TimeSpan? UntilOver(ClusterView view, FailoverHistory history) =>
        history.Last is { } last && view.Find(last.Candidate) is { Server.IsMaster: false } ? Until(view, last.At, FailoverTime) : null;

    /// <summary>
    /// Whether a voter knows the candidate, where it is now, as a replica of that master, and each of the two can tell the other something: a request for votes goes only to
    /// nodes that the candidate has met and is connected to, and a vote back the same way, and neither is sent twice.
    /// </summary>
    public static bool CanVote(Member voter, Member candidate, NodeId master) =>
        voter.Server.Nodes.Find(candidate.Id) is { HasFailed: false, IsInHandshake: false, IsLinkUp: true } entry && entry.MasterId == master && entry.Ip == candidate.Address
        && candidate.Server.Nodes.Find(voter.Id) is { IsInHandshake: false, IsLinkUp: true };

    /// <summary>A process that never asked for votes has no memory of any.</summary>
    static bool NeverStood(Member candidate) => candidate.Server.Cluster.VoteRequestsSent == 0;

    static TimeSpan Timeout(ClusterView view) => RedisConfig.NodeTimeout(view.Spec);

    static TimeSpan? Until(ClusterView view, DateTimeOffset since, TimeSpan length) => since + length - view.Observation.At is var rest && rest > TimeSpan.Zero ? rest : null;

    static TimeSpan? Longest(IEnumerable<TimeSpan?> times) => times.Max();
}
