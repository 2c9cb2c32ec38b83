using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>Whether and with whom a master may hand over now (law 13). Elections have memory: one that is asked for too early or twice makes two masters for a moment.</summary>
public static class Handovers
{
    /// <summary>How far behind a replica may be: its master holds clients back until it has caught up, and gives up after five seconds.</summary>
    const long MaxLag = 1 << 20;

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
        var at = view.Observation.At;
        var timeout = RedisConfig.NodeTimeout(view.Spec);
        var last = FailoverNote.Parse(set.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.FailoverAnnotation));
        if (view.Observation.Pods.FirstOrDefault(pod => pod.Shard == master.Shard && pod.IsTerminating) is { } ending)
        {
            return RungAnswer.Of(new Wait("HandingOver", $"{master} does not hand over while {ending.Name} is being deleted", view.GossipInterval));
        }

        // Voters do not vote about the same master again so soon.
        if (last?.Master == master.Id && at - last.At < 2 * timeout)
        {
            return Wait(master, last.At + (2 * timeout) - at, "the last attempt was a short time ago");
        }

        var reasons = new List<string>();
        foreach (var candidate in candidates.Where(candidate => candidate.Id != master.Id))
        {
            if (ReasonAgainst(view, master, candidate, last, timeout) is { } reason)
            {
                reasons.Add(reason);
                continue;
            }

            return RungAnswer.Of([new Handover(candidate.Party, master.Party, StatefulSetReference.Of(set), at)]);
        }

        return RungAnswer.Of(new Wait("HandingOver", $"{master} cannot hand over yet: {(reasons.Count == 0 ? "it has no replica that stays" : string.Join(", ", reasons))}", view.GossipInterval));
    }

    static string? ReasonAgainst(ClusterView view, Member master, Member candidate, FailoverNote? last, TimeSpan timeout)
    {
        if (candidate.Server.Myself.MasterId != master.Id || !candidate.Server.IsInSync)
        {
            return $"{candidate} is not in sync with it";
        }

        if (last?.Candidate == candidate.Id && view.Observation.At - last.At < 4 * timeout)
        {
            return $"{candidate} stood in an election a short time ago";
        }

        var lag = master.Server.Info.MasterOffset - candidate.Server.Info.ReplicaOffset;
        if (lag > MaxLag)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{candidate} is {lag} bytes behind");
        }

        var voters = view.Members.Where(member => member.Server is { IsMaster: true, Slots.IsEmpty: false }).ToList();
        var knowing = voters.Count(voter => Lists(voter, candidate, master));
        return Lists(master, candidate, master) && knowing * 2 > voters.Count
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"only {knowing} of {voters.Count} masters know {candidate} as its replica");
    }

    /// <summary>Whether a voter knows the candidate, where it is now, as a replica of that master.</summary>
    internal static bool Lists(Member voter, Member candidate, Member master) =>
        voter.Server.Nodes.Find(candidate.Id) is { HasFailed: false, IsInHandshake: false } entry && entry.MasterId == master.Id && entry.Ip == candidate.Address;

    static RungAnswer Wait(Member master, TimeSpan time, string reason) => RungAnswer.Of(new Wait(
        "HandingOver",
        string.Create(CultureInfo.InvariantCulture, $"{master} may hand over in {Math.Ceiling(time.TotalSeconds):0} s: {reason}"),
        time));
}
