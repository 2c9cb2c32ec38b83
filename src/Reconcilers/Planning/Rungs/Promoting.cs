using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 5: masters that are gone or came back without their keys are replaced by their best replica: by the votes of the other masters as soon as there is a
/// sign that the process ended, and where votes cannot be had only under proof of it (laws 4, 5, 13). One at a time, as every voter has one vote in an epoch.
/// </summary>
public static class Promoting
{
    /// <summary>Between two that ask for votes; the first is decided within milliseconds.</summary>
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var refusals = new List<Refusal>();
        var isTaken = view.Observation.Objects.StatefulSets.Any(set => view.IsOurs(set) && Elections.UntilOver(view, FailoverHistory.Of(set)) > Elections.FailoverTime - TimeSpan.FromSeconds(1));
        foreach (var lost in LostMaster.Find(view))
        {
            if (view.StatefulSet(lost.Shard) is not { } set)
            {
                continue;
            }

            var answer = Replace(view, lost, set);
            waits.AddRange(answer.Waits);
            refusals.AddRange(answer.Refusals);
            if (answer.Steps is [var step])
            {
                if (isTaken)
                {
                    waits.Add(new Wait("Promoting", $"{lost.Name} is replaced as soon as another failover is decided", Turn));
                }
                else
                {
                    // Where the step finds that the master is back, that is looked at in no time.
                    steps.Add(step);
                    waits.Add(new Wait("Promoting", $"{lost.Name} is being replaced: {lost.Fate.Words}", Turn));
                    isTaken = true;
                }
            }
        }

        return new RungAnswer(steps, waits, refusals);
    }

    static RungAnswer Replace(ClusterView view, LostMaster lost, V1StatefulSet set)
    {
        var history = FailoverHistory.Of(set);
        if (lost.Fate.End == ProcessEnd.Unknown)
        {
            return RungAnswer.Of(AwaitElection(view, lost));
        }

        var reasons = new List<string>();
        var stale = new List<Member>();
        Member? outvoted = null;
        foreach (var candidate in lost.Copies)
        {
            if (ReasonAgainst(view, lost, candidate, stale) is { } reason)
            {
                reasons.Add(reason);
                continue;
            }

            var size = candidate.Server.Cluster.Size;
            var voters = view.Masters.Where(voter => !voter.Server.Slots.IsEmpty).ToList();
            var knowing = voters.Count(voter => Elections.CanVote(voter, candidate, lost.Id));
            if (voters.Count * 2 <= size)
            {
                return TakeOver(view, lost, candidate, set, history);
            }

            if (knowing * 2 <= size)
            {
                reasons.Add(string.Create(CultureInfo.InvariantCulture, $"only {knowing} of {size} masters know {candidate} as its replica"));
            }
            else if (lost.Returned is null && Elections.StandsByItself(view, candidate, lost.Id))
            {
                outvoted ??= Elections.HadTime(view, candidate) ? candidate : null;
                reasons.Add($"{candidate} takes it for failed and asks for votes by itself");
            }
            else if ((Elections.UntilRelief(view, history, lost.Id, canWait: false) ?? Elections.UntilCandidacy(view, history, candidate, canWait: false)) is { } rest)
            {
                outvoted ??= candidate;
                reasons.Add(string.Create(CultureInfo.InvariantCulture, $"the last failover was a short time ago, and {candidate} may ask for votes again in {Math.Ceiling(rest.TotalSeconds):0} s"));
            }
            else
            {
                return RungAnswer.Of([Promote(view, lost, candidate, set, history, FailoverMode.Force)]);
            }
        }

        // Only votes have a memory. A master that ended while another one was being elected is not missed for a minute because of it.
        if (outvoted is not null && MayTakeOver(view, lost) && Elections.UntilOver(view, history) is null)
        {
            return RungAnswer.Of([Promote(view, lost, outvoted, set, history, FailoverMode.Takeover)]);
        }

        var why = $"{Describe(lost)}, and {string.Join(", ", reasons)}";
        return stale.Count < lost.Copies.Count ? RungAnswer.Of(new Wait("Promoting", $"{Describe(lost)}, and no replica can replace it yet: {string.Join(", ", reasons)}", Soon(view, lost)))
            : lost.IsOnItsWay ? RungAnswer.Of(new Wait("AwaitingMaster", $"{why}; it is being started on its volume", Soon(view, lost)))
            : RungAnswer.Of([new Refusal("StaleReplica", $"{why}: bring its data back, or accept the loss of what was written since with {Command(view, stale[0])}")]);
    }

    /// <summary>Nothing says that the process ended. A master of which only the network is gone is a matter for its peers, who ask each other.</summary>
    static Wait AwaitElection(ClusterView view, LostMaster lost)
    {
        var voters = view.Masters.Count(voter => !voter.Server.Slots.IsEmpty);
        var size = lost.Copies[0].Server.Cluster.Size;
        return voters * 2 > size
            ? new Wait("AwaitingElection", $"{Describe(lost)}: unless it comes back, the other masters elect one of its replicas after cluster-node-timeout", Soon(view, lost))
            : new Wait("AwaitingProof", $"{Describe(lost)}, and without it there is no majority to elect a replica. {WhatWouldProve(view, lost, lost.Copies[0])}", Soon(view, lost));
    }

    static RungAnswer TakeOver(ClusterView view, LostMaster lost, Member candidate, V1StatefulSet set, FailoverHistory history)
    {
        if (view.Spec.Recovery.QuorumLoss == QuorumLossPolicy.Manual)
        {
            return RungAnswer.Of([new Refusal(
                "QuorumLost",
                $"{Describe(lost)}, no majority of masters is there to elect {candidate}, and recovery.quorumLoss is Manual: make sure that {lost.Name} does not run any more, then promote it with {Command(view, candidate)}")]);
        }

        if (lost.Fate.End != ProcessEnd.Proven)
        {
            return RungAnswer.Of(new Wait("AwaitingProof", $"{Describe(lost)}, no majority of masters is there to elect {candidate}, and that {lost.Name} does not run any more is not proven. {WhatWouldProve(view, lost, candidate)}", Soon(view, lost)));
        }

        if (FirstDoubtfulSibling(view, lost) is { } sibling)
        {
            return RungAnswer.Of(new Wait("AwaitingProof", $"{Describe(lost)}, and {sibling} may have more of its data than {candidate} has. To do without it: {Command(view, candidate)}", Soon(view, lost)));
        }

        return Elections.UntilOver(view, history) is { } rest
            ? RungAnswer.Of(new Wait("Promoting", $"{Describe(lost)}, and a replica was asked to replace it a moment ago", rest))
            : RungAnswer.Of([Promote(view, lost, candidate, set, history, FailoverMode.Takeover)]);
    }

    static bool MayTakeOver(ClusterView view, LostMaster lost) =>
        view.Spec.Recovery.QuorumLoss == QuorumLossPolicy.Auto && lost.Fate.End == ProcessEnd.Proven && FirstDoubtfulSibling(view, lost) is null;

    static PromoteReplica Promote(ClusterView view, LostMaster lost, Member candidate, V1StatefulSet set, FailoverHistory history, FailoverMode mode) => new(
        candidate.Party,
        lost.Id,
        lost.Name,
        StatefulSetReference.Of(set),
        history.With(new FailoverNote(candidate.Id, lost.Id, view.Observation.At)),
        mode)
    {
        Returned = lost.Returned?.Party,
        MayReturn = lost.IsOnItsWay,
        Trace = lost.Trace,
        EndsBefore = NodeFate.EndsBefore(view),
        Addresses = lost.Returned is null ? lost.Addresses(view) : [],
        VoteRequests = mode == FailoverMode.Force ? candidate.Server.Cluster.VoteRequestsSent : null,
        Fate = lost.Fate.Words,
    };

    static string? ReasonAgainst(ClusterView view, LostMaster lost, Member candidate, List<Member> stale)
    {
        var info = candidate.Server.Info;
        if (candidate.Pod.IsTerminating)
        {
            return $"{candidate} is being deleted";
        }

        if (info.IsLoading)
        {
            return $"{candidate} is loading";
        }

        if (info.IsMasterLinkUp)
        {
            // A process that is being ended may still be served by; of a host that lost its power no connection is told.
            return lost.Returned is null && lost.Fate.End != ProcessEnd.Proven && candidate.Server.Nodes.Find(lost.Id) is not { HasFailed: true }
                ? $"{candidate} still hears from it"
                : null;
        }

        if (info.MasterLinkDownFor is not { } downFor)
        {
            stale.Add(candidate);
            return $"{candidate} was never in sync with it since it was started";
        }

        if (!IsFresh(view, lost, candidate, downFor))
        {
            stale.Add(candidate);

            // For how long is not said: the status would be another one in every pass.
            return $"{candidate} lost touch with it longer ago than Redis itself would allow";
        }

        return null;
    }

    /// <summary>
    /// Whether the link was up when the master last answered or when it ended, or broke so lately that Redis itself would elect the replica. Else the master may have served
    /// on for long without it.
    /// </summary>
    static bool IsFresh(ClusterView view, LostMaster lost, Member candidate, TimeSpan downFor)
    {
        var timeout = RedisConfig.NodeTimeout(view.Spec);
        return view.Notes.Any(note => note.Id == candidate.Id && note.IsInSync)
            || downFor <= Elections.OldestCandidate(view)
            || (lost.EndedAt is { } ended && downFor <= view.Observation.At - ended + timeout);
    }

    /// <summary>A replica of the same master that does not answer and has not been proven to have ended: it may be the one with most of the data.</summary>
    static string? FirstDoubtfulSibling(ClusterView view, LostMaster lost)
    {
        foreach (var id in Remains.FollowersOf(view, lost.Id).Where(id => view.Find(id) is null))
        {
            if (NodeFate.Of(view, id) is { End: not ProcessEnd.Proven } fate)
            {
                return $"its replica {NodeTrace.Of(view, id)?.Pod ?? id.ToString()} does not answer ({fate.Words})";
            }
        }

        return null;
    }

    static string Describe(LostMaster lost) => lost.Returned is null ? $"{lost.Name} does not answer ({lost.Fate.Words})" : $"{lost.Name} came back without its keys";

    static string WhatWouldProve(ClusterView view, LostMaster lost, Member candidate)
    {
        var host = lost.Trace?.Host ?? view.Observation.Pods.FirstOrDefault(pod => pod.Name == lost.Trace?.Pod)?.Host;
        var taint = string.IsNullOrEmpty(host)
            ? ""
            : $"If host {host} is off for good, delete its Node or say so with kubectl taint nodes {host} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute; or, if";
        return $"{(taint.Length == 0 ? "If" : taint)} you know that {lost.Name} does not run any more, promote {candidate} with {Command(view, candidate)}";
    }

    static string Command(ClusterView view, Member candidate) =>
        $"kubectl exec -n {view.Observation.Key.Namespace} {candidate} -c {ClusterNames.RedisContainer} -- redis-cli CLUSTER FAILOVER TAKEOVER";

    /// <summary>Often in the first seconds, in which a kubelet reports; whether its process ended no server can tell.</summary>
    static TimeSpan Soon(ClusterView view, LostMaster lost)
    {
        var downFor = lost.Copies.Select(copy => copy.Server.Info.MasterLinkDownFor ?? TimeSpan.Zero).DefaultIfEmpty().Max();
        return ClusterView.Backoff(2 * downFor) is var soon && soon > view.GossipInterval ? soon : Longer(soon, TimeSpan.FromMilliseconds(2 * view.Members.Count));
    }

    static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
