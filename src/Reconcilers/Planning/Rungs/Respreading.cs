using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Planning.Spreading;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Status;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 15: masters that failovers have brought together are spread over hosts and zones again, by one handover at a time. Last of all, because a cluster works as well
/// without it: only the next failure is worse.
/// </summary>
/// <remarks>
/// Who the masters are, and since when, is noted first. A handover is made only when they have been the same for five minutes: so at most one is made in that time,
/// no election is so young that it is remembered (law 13), whoever asked for it, and a new operator counts on.
/// </remarks>
public static class Respreading
{
    /// <summary>Longer than servers remember an election: four times the greatest cluster-node-timeout.</summary>
    static readonly TimeSpan Calm = TimeSpan.FromMinutes(5);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.StatefulSet(0) is not { } noted || !view.IsFormed)
        {
            return RungAnswer.Nothing;
        }

        var note = view.Annotation(0, ClusterMetadata.RespreadAnnotation);
        var masters = Enumerable.Range(0, view.Spec.Shards).Select(view.MasterOf).OfType<Member>().ToList();
        if (masters.Count < view.Spec.Shards || Choose(view, masters) is not { } handover)
        {
            return note is null ? RungAnswer.Nothing : RungAnswer.Of([Note(noted, null, "masters are spread as well as they can be")]);
        }

        var roles = Fingerprint(masters);
        if (note?.Split(' ') is not [var seen, var time] || seen != roles
            || !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var since))
        {
            return RungAnswer.Of([Note(noted, $"{roles} {view.Observation.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}", $"masters share hosts or zones: {handover.Candidate} shall take over from {handover.Master}, if nothing changes")]);
        }

        // What it would have to wait for is no reason to call the cluster unfinished: the next look comes by itself.
        return view.Observation.At - since >= Calm && view.StatefulSet(handover.Master.Shard) is { } set
            ? RungAnswer.Of(Handovers.Plan(view, set, handover.Master, [handover.Candidate]).Steps)
            : RungAnswer.Nothing;
    }

    static (Member Master, Member Candidate)? Choose(ClusterView view, List<Member> masters)
    {
        var scheduling = view.Spec.Scheduling;
        if (!scheduling.Respread || (scheduling is { Hosts: Spread.None, Zones: Spread.None }))
        {
            return null;
        }

        var candidates = masters.ConvertAll(master => view.Members
            .Where(member => member.Shard == master.Shard && member.Id != master.Id && !member.Server.IsMaster && NodeHealth.IsReady(view, member))
            .ToList());
        var places = masters.Zip(candidates, (master, replicas) => new ShardPlaces(PlaceOf(master), [.. replicas.Select(PlaceOf)])).ToList();
        return MasterSpread.Choose(places) is { } move ? (masters[move.Shard], candidates[move.Shard][move.Candidate]) : null;

        MasterPlace PlaceOf(Member member) => new(
            scheduling.Hosts == Spread.None ? null : member.Pod.Host,
            scheduling.Zones == Spread.None ? null : view.Observation.ZoneOf(member.Pod.Host));
    }

    static ChangeStatefulSet Note(V1StatefulSet set, string? value, string purpose) => new(
        StatefulSetReference.Of(set),
        new SortedDictionary<string, string?>(StringComparer.Ordinal) { [ClusterMetadata.RespreadAnnotation] = value },
        purpose);

    /// <summary>Short, as it is noted, and another one for other masters.</summary>
    static string Fingerprint(IEnumerable<Member> masters) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(',', masters.Select(master => master.Id)))))[..16];
}
