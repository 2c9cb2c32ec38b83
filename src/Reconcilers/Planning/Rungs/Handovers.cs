using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Reconcilers.Status;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>Whether and with whom a master may hand over now (law 13). Elections have memory: one that is asked for too early or twice makes two masters for a moment.</summary>
public static class Handovers
{
    /// <summary>How far behind a replica may be: its master holds clients back until it has caught up, and gives up after five seconds.</summary>
    internal const long MaxLag = 1 << 20;

    /// <summary>
    /// For how long its master may have heard nothing from a replica, which says every second how far it is, in seconds. After a partition its connection seems to be up
    /// while either side waits up to half a minute until it sends again: it would not catch up in those five seconds, and clients would wait for nothing.
    /// </summary>
    const long MaxSilence = 3;

    /// <summary>A handover step to one of the candidates, or what it waits for.</summary>
    /// <param name="view">What was observed.</param>
    /// <param name="set">The shard's StatefulSet.</param>
    /// <param name="master">Who hands over.</param>
    /// <param name="candidates">Who may take over, the preferred one first; those that are no replicas in sync are passed over.</param>
    public static RungAnswer Plan(ClusterView view, V1StatefulSet set, Member master, IReadOnlyList<Member> candidates)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(master);
        ArgumentNullException.ThrowIfNull(candidates);
        var history = FailoverHistory.Of(set);
        if (view.Observation.Pods.FirstOrDefault(pod => pod.Shard == master.Shard && pod.IsTerminating) is { } ending)
        {
            return RungAnswer.Of(new Wait("HandingOver", $"{master} does not hand over while {ending.Name} is being deleted", view.GossipInterval));
        }

        // Somebody else's failover: the next pass finds it noted, with the time from which it counts.
        if (view.Notes.FirstOrDefault(note => note.IsMaster && note.Pod.StartsWith($"{set.Metadata.Name}-", StringComparison.Ordinal)) is { } noted && noted.Id != master.Id)
        {
            return RungAnswer.Of(new Wait("HandingOver", $"{master} became master a moment ago", view.GossipInterval));
        }

        if (Elections.UntilRelief(view, history, master.Id, canWait: true) is { } rest)
        {
            return RungAnswer.Of(new Wait("HandingOver", string.Create(CultureInfo.InvariantCulture, $"{master} may hand over in {Math.Ceiling(rest.TotalSeconds):0} s: the last attempt was a short time ago"), rest));
        }

        var reasons = new List<string>();
        foreach (var candidate in candidates.Where(candidate => candidate.Id != master.Id))
        {
            if (ReasonAgainst(view, master, candidate, history) is { } reason)
            {
                reasons.Add(reason);
                continue;
            }

            var note = new FailoverNote(candidate.Id, master.Id, view.Observation.At);
            return RungAnswer.Of([new Handover(candidate.Party, master.Party, StatefulSetReference.Of(set), history.With(note))]);
        }

        return RungAnswer.Of(new Wait("HandingOver", $"{master} cannot hand over yet: {(reasons.Count == 0 ? "it has no replica that stays" : string.Join(", ", reasons))}", view.GossipInterval));
    }

    static string? ReasonAgainst(ClusterView view, Member master, Member candidate, FailoverHistory history)
    {
        if (candidate.Server.Myself.MasterId != master.Id || !candidate.Server.IsInSync || NodeHealth.IsCutOff(view, master, candidate))
        {
            return $"{candidate} is not in sync with it";
        }

        if (Elections.UntilCandidacy(view, history, candidate, canWait: true) is { } rest)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{candidate} stood in an election a short time ago and may stand again in {Math.Ceiling(rest.TotalSeconds):0} s");
        }

        var lag = master.Server.Info.MasterOffset - candidate.Server.Info.ReplicaOffset;
        if (lag > MaxLag)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{candidate} is {lag} bytes behind");
        }

        if (master.Server.Info.Replicas.Any(replica => replica.Ip == candidate.Address && replica.LagSeconds > MaxSilence))
        {
            return $"{master} has not heard from {candidate} for some seconds";
        }

        var voters = view.Members.Where(member => member.Server is { IsMaster: true, Slots.IsEmpty: false }).ToList();
        var knowing = voters.Count(voter => Elections.CanVote(voter, candidate, master.Id));
        return Elections.CanVote(master, candidate, master.Id) && knowing * 2 > voters.Count
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"only {knowing} of {voters.Count} masters know {candidate} as its replica");
    }
}
