using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 5, of masters that are there again but not what they were: a process that owns slots and was started a moment ago without its keys, while a replica
/// still has them. The replica is about to copy the empty master, so it is made the master first, by the votes of a majority (law 5).
/// </summary>
public static class ReturnedEmpty
{
    /// <summary>A master that runs longer than this is empty because somebody emptied it.</summary>
    static readonly TimeSpan JustStarted = TimeSpan.FromMinutes(1);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        foreach (var master in view.Masters.Where(master => IsWaitingFor(view, master)))
        {
            if (view.StatefulSet(master.Shard) is not { } set)
            {
                continue;
            }

            var reasons = new List<string>();
            if (FindCandidate(view, set, master, reasons) is { } candidate)
            {
                steps.Add(new PromoteReplica(candidate.Party, master.Party, StatefulSetReference.Of(set), view.Observation.At));
            }
            else
            {
                waits.Add(new Wait("Promoting", $"{master} came back without its keys and no replica can replace it yet: {string.Join(", ", reasons)}", view.GossipInterval));
            }
        }

        return new RungAnswer(steps, waits, []);
    }

    /// <summary>Whether the server lost the keys that a replica of it still holds, so that it must not be given slots.</summary>
    public static bool IsWaitingFor(ClusterView view, Member master)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(master);
        return master.Server is { IsMaster: true, HoldsKeys: false, Info.IsLoading: false }
            && master.Server.Info.Uptime < JustStarted
            && view.Members.Any(replica => IsLastCopyOf(master, replica));
    }

    /// <summary>The replica that has most of what the master had, and may be elected now (law 13).</summary>
    static Member? FindCandidate(ClusterView view, V1StatefulSet set, Member master, List<string> reasons)
    {
        var timeout = RedisConfig.NodeTimeout(view.Spec);
        var last = FailoverNote.Parse(set.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.FailoverAnnotation));
        if (last?.Master == master.Id && view.Observation.At - last.At < 2 * timeout)
        {
            reasons.Add("the last attempt was a short time ago, and voters do not vote about the same master again so soon");
            return null;
        }

        var replicas = view.Members
            .Where(replica => IsLastCopyOf(master, replica))
            .OrderByDescending(replica => replica.Server.Info.ReplicaOffset)
            .ThenBy(replica => replica.Ordinal);
        foreach (var replica in replicas)
        {
            var voters = view.Masters.Where(voter => !voter.Server.Slots.IsEmpty && Handovers.Lists(voter, replica, master)).ToList();
            if (replica.Pod.IsTerminating)
            {
                reasons.Add($"{replica} is being deleted");
            }
            else if (last?.Candidate == replica.Id && view.Observation.At - last.At < 4 * timeout)
            {
                reasons.Add($"{replica} stood in an election a short time ago");
            }
            else if (voters.Count * 2 <= replica.Server.Cluster.Size)
            {
                reasons.Add($"only {voters.Count} of {replica.Server.Cluster.Size} masters are there and know {replica} as its replica");
            }
            else
            {
                return replica;
            }
        }

        return null;
    }

    static bool IsLastCopyOf(Member master, Member replica) =>
        replica.Server.Myself.MasterId == master.Id
        && replica.Server is { HoldsKeys: true, IsInSync: false, Info.IsLoading: false }
        && replica.Server.Info.Uptime >= master.Server.Info.Uptime;
}
