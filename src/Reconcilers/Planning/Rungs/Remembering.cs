using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Status;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Notes on the StatefulSets what a later pass needs and can see nowhere any more: that the cluster was whole once, so that no slot is ever given away as if it
/// had never been owned; where each node runs, as its end follows from its host's when its pod is gone (law 4); and failovers that others brought about,
/// and elections in which nodes stood by themselves, which they remember (law 13). Last of all: nothing waits for it.
/// </summary>
public static class Remembering
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        foreach (var set in view.Observation.Objects.StatefulSets.Where(set => view.IsOurs(set)))
        {
            var notes = new SortedDictionary<string, string?>(StringComparer.Ordinal);
            if (view.IsFormed && set.Metadata.Annotations?.ContainsKey(ClusterMetadata.FormedAnnotation) != true)
            {
                notes[ClusterMetadata.FormedAnnotation] = "true";
            }

            if (ClusterMetadata.ShardOf(set.Metadata) is { } shard)
            {
                NoteMembers(view, set, shard, isForming: !view.IsFormed && !view.Observation.WasFormed, notes);
            }

            if (notes.Count > 0)
            {
                steps.Add(new ChangeStatefulSet(StatefulSetReference.Of(set), notes, $"note on StatefulSet {set.Metadata.Name} where its nodes run") { Stage = Stages.Last });
            }
        }

        return RungAnswer.Of(steps);
    }

    /// <summary>While the cluster forms only those are noted that own slots already: what becomes of the slots must be known if they do not live to see it formed.</summary>
    static void NoteMembers(ClusterView view, V1StatefulSet set, int shard, bool isForming, SortedDictionary<string, string?> notes)
    {
        var before = MemberNote.ReadAll(set);
        var master = view.MasterOf(shard);
        var formerMaster = before.FirstOrDefault(note => note.IsMaster);
        var present = from member in view.Members
                      where member.Shard == shard && member.Pod.Host.Length > 0 && (!isForming || member.Id == master?.Id)
                      select new MemberNote(member.Pod.Name, member.Pod.Uid, member.Pod.Host, member.Id)
                      {
                          IsMaster = member.Id == master?.Id,
                          IsInSync = master is null ? before.Any(note => note.Id == member.Id && note.IsInSync) : NodeHealth.IsInSyncWithItsShard(view, member),
                          LastStood = Elections.LastStood(view, member),
                      };
        var absent = from note in before
                     where view.Find(note.Id) is null && MattersStill(view, note, master)
                     select note with { IsMaster = note.IsMaster && master is null, HasEnded = note.HasEnded || IsEnding(view, note) };
        var after = MemberNote.Write(present.Concat(absent).OrderBy(note => note.Pod, StringComparer.Ordinal).ThenBy(note => note.Id));
        if (after != MemberNote.Write(before) && after.Length > 0)
        {
            notes[ClusterMetadata.MembersAnnotation] = after;
        }

        var history = FailoverHistory.Of(set);
        if (master is not null && formerMaster is not null && formerMaster.Id != master.Id && !WasAskedFor(view, history, master, formerMaster))
        {
            notes[ClusterMetadata.FailoverAnnotation] = history.With(new FailoverNote(master.Id, formerMaster.Id, view.Observation.At)).ToString();
        }
    }

    /// <summary>What the operator asks for it notes before. If it comes about later than a server tries, somebody else has brought it about.</summary>
    static bool WasAskedFor(ClusterView view, FailoverHistory history, Member master, MemberNote former) =>
        history.Last is { } last && last.Candidate == master.Id && last.Master == former.Id && view.Observation.At - last.At < 2 * Elections.FailoverTime;

    /// <summary>Whether anybody still counts with the node, or its shard has no master that could have replaced it.</summary>
    static bool MattersStill(ClusterView view, MemberNote note, Member? master) =>
        master is null || view.Members.Any(member => member.Server.Nodes.Find(note.Id) is not null);

    /// <summary>Nothing follows a container in a pod that is being deleted, and nothing tells of it any more when the pod is gone a moment later.</summary>
    static bool IsEnding(ClusterView view, MemberNote note) => view.Observation.EndedPods.Contains(note.PodUid) || view.Observation.Pods.Any(pod =>
        pod.Uid == note.PodUid && pod is { IsTerminating: true, HasEnded: true } && view.Observation.Host(pod.Host) is { IsReady: true });
}
