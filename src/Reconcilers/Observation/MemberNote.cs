using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>
/// Where the process of a node ran when it last answered, as noted on the StatefulSet of its shard: when its pod is gone nothing else says on which host it
/// was, and only from that host's end follows that of a process which nobody reported (law 4).
/// </summary>
/// <param name="Pod">The name of its pod.</param>
/// <param name="PodUid">The pod's uid.</param>
/// <param name="Host">The host.</param>
/// <param name="Id">The node id.</param>
public sealed record MemberNote(string Pod, string PodUid, string Host, NodeId Id)
{
    const string Master = "master";
    const string InSync = "in-sync";
    const string Ended = "ended";
    const string Stood = "stood=";
    const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Whether it was the master of its shard.</summary>
    public bool IsMaster { get; init; }

    /// <summary>Whether, as a replica, it was in sync when its master last answered: however long ago that is, it has what the master had.</summary>
    public bool IsInSync { get; init; }

    /// <summary>Whether its host reported the end of the process, in a pod that was being deleted, so that none can have followed in its place.</summary>
    public bool HasEnded { get; init; }

    /// <summary>How many requests for votes the process had sent, and when that was first seen: it has stood in no election since. Null for one that never stood.</summary>
    public (long VoteRequests, DateTimeOffset At)? LastStood { get; init; }

    /// <summary>What is noted on a StatefulSet; what cannot be read is left out.</summary>
    public static IReadOnlyList<MemberNote> ReadAll(V1StatefulSet? set) =>
        [.. (set?.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.MembersAnnotation) ?? "").Split(", ").Select(Parse).OfType<MemberNote>()];

    public static string Write(IEnumerable<MemberNote> notes) => string.Join(", ", notes);

    public override string ToString() => $"{Pod} {PodUid} {Host} {Id}{(IsMaster ? " " + Master : "")}{(IsInSync ? " " + InSync : "")}{(HasEnded ? " " + Ended : "")}{Write(LastStood)}";

    static MemberNote? Parse(string text) => text.Split(' ') is [var pod, var uid, var host, var id, .. var marks] && NodeId.TryParse(id, out var node)
        ? new MemberNote(pod, uid, host, node) { IsMaster = marks.Contains(Master), IsInSync = marks.Contains(InSync), HasEnded = marks.Contains(Ended), LastStood = ParseStood(marks) }
        : null;

    static string Write((long VoteRequests, DateTimeOffset At)? stood) =>
        stood is { } last ? string.Create(CultureInfo.InvariantCulture, $" {Stood}{last.VoteRequests}@{last.At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}") : "";

    static (long VoteRequests, DateTimeOffset At)? ParseStood(string[] marks) =>
        Array.Find(marks, mark => mark.StartsWith(Stood, StringComparison.Ordinal))?[Stood.Length..].Split('@') is [var requests, var at]
        && long.TryParse(requests, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && DateTimeOffset.TryParseExact(at, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (count, time)
            : null;
}
