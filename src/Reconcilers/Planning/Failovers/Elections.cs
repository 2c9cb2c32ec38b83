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
    public static TimeSpan? UntilRelief(ClusterView view, FailoverHistory history, NodeId master) => Longest(
        from note in history.Notes
        where note.Master == master
        select view.Find(note.Candidate) is { } candidate && NeverStood(candidate) ? Until(view, note.At, FailoverTime) : Until(view, note.At, 2 * Timeout(view)));

    /// <summary>How long until the candidate may stand; null when that is now.</summary>
    /// <param name="view">What was observed.</param>
    /// <param name="history">The shard's.</param>
    /// <param name="candidate">Who is to become master.</param>
    /// <param name="canWait">
    /// Whether nothing is hurt: then what nobody saw, because no operator worked, is taken to have happened right before this one began to.
    /// </param>
    public static TimeSpan? UntilCandidacy(ClusterView view, FailoverHistory history, Member candidate, bool canWait)
    {
        if (NeverStood(candidate))
        {
            return history.LastOf(candidate.Id) is { } asked ? Until(view, asked, FailoverTime) : null;
        }

        return (history.LastOf(candidate.Id) ?? (canWait ? view.Observation.WatchedSince : null)) is { } stood ? Until(view, stood, 4 * Timeout(view)) : null;
    }

    /// <summary>How long until a failover that the operator asked for has succeeded or failed; null when none is under way.</summary>
    public static TimeSpan? UntilOver(ClusterView view, FailoverHistory history) =>
        history.Last is { } last && view.Find(last.Candidate) is { Server.IsMaster: false } ? Until(view, last.At, FailoverTime) : null;

    /// <summary>A process that never asked for votes has no memory of any.</summary>
    static bool NeverStood(Member candidate) => candidate.Server.Cluster.VoteRequestsSent == 0;

    static TimeSpan Timeout(ClusterView view) => RedisConfig.NodeTimeout(view.Spec);

    static TimeSpan? Until(ClusterView view, DateTimeOffset since, TimeSpan length) => since + length - view.Observation.At is var rest && rest > TimeSpan.Zero ? rest : null;

    static TimeSpan? Longest(IEnumerable<TimeSpan?> times) => times.Max();
}
