using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>One failover of a shard: the operator asked for it, or it was seen to have happened.</summary>
/// <param name="Candidate">Who was to become master.</param>
/// <param name="Master">Whom it was to relieve.</param>
/// <param name="At">When the operator asked, or when it first saw what others had done.</param>
public sealed record FailoverNote(NodeId Candidate, NodeId Master, DateTimeOffset At)
{
    const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Reads one; null where it cannot be read.</summary>
    public static FailoverNote? Parse(string? note) => note?.Split(' ') is [var candidate, var master, var at]
        && NodeId.TryParse(candidate, out var candidateId)
        && NodeId.TryParse(master, out var masterId)
        && DateTimeOffset.TryParseExact(at, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new FailoverNote(candidateId, masterId, time)
            : null;

    /// <summary>The note.</summary>
    public override string ToString() => $"{Candidate} {Master} {At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}";
}
