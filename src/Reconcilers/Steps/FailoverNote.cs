using System.Globalization;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// A failover that the operator asked for, as it is noted on the shard's StatefulSet before it asks: elections have memory, so the next one must not come
/// too soon even if the operator dies in between.
/// </summary>
/// <param name="Candidate">Who was to become master.</param>
/// <param name="Master">Whom it was to relieve.</param>
/// <param name="At">When.</param>
public sealed record FailoverNote(NodeId Candidate, NodeId Master, DateTimeOffset At)
{
    const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Reads the note; null where there is none that can be read.</summary>
    public static FailoverNote? Parse(string? note) => note?.Split(' ') is [var candidate, var master, var at]
        && NodeId.TryParse(candidate, out var candidateId)
        && NodeId.TryParse(master, out var masterId)
        && DateTimeOffset.TryParseExact(at, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new FailoverNote(candidateId, masterId, time)
            : null;

    /// <summary>Writes the note.</summary>
    public ChangeStatefulSet WriteTo(StatefulSetReference set, string purpose) => new(
        set,
        new SortedDictionary<string, string?>(StringComparer.Ordinal) { [ClusterMetadata.FailoverAnnotation] = ToString() },
        purpose);

    /// <summary>The note.</summary>
    public override string ToString() => $"{Candidate} {Master} {At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}";
}
