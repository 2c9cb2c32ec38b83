using System.Globalization;

namespace Slotwise.Reconcilers.Planning.Balancing;

/// <summary>Why slots move.</summary>
public enum OperationKind
{
    /// <summary>Shards that own nothing are filled.</summary>
    ScalingOut,

    /// <summary>Shards are emptied and removed.</summary>
    ScalingIn,

    /// <summary>Shards that own too much give to others.</summary>
    Rebalancing,
}

/// <summary>
/// Slots move, and since when. It is noted on a StatefulSet, so that a new operator goes on with it: what was begun is brought to its exact end,
/// while a settled cluster is left alone as long as it is nearly level.
/// </summary>
public sealed record Operation(OperationKind Kind, DateTimeOffset Start)
{
    const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Reads the note; null where there is none that can be read.</summary>
    public static Operation? Parse(string? note) => note?.Split(' ') is [var kind, var start]
        && Enum.TryParse<OperationKind>(kind, out var parsed)
        && DateTimeOffset.TryParseExact(start, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new Operation(parsed, time)
            : null;

    /// <summary>The note.</summary>
    public override string ToString() => $"{Kind} {Start.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}";
}
