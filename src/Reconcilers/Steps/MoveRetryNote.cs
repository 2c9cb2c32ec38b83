using System.Globalization;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// When servers that failed to move slots by themselves are asked again, as it is noted on the StatefulSet of the shard that gives: a job that fails at once
/// would else be started in every pass, by every operator that comes to life.
/// </summary>
/// <param name="Attempt">How many jobs failed in a row, from 1.</param>
/// <param name="JobId">The last of them.</param>
/// <param name="NextTry">When the next one may be started.</param>
public sealed record MoveRetryNote(int Attempt, string JobId, DateTimeOffset NextTry)
{
    const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    /// <summary>Reads the note; null where there is none that can be read.</summary>
    public static MoveRetryNote? Parse(string? note) => note?.Split(' ') is [var attempt, var job, var at]
        && int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && DateTimeOffset.TryParseExact(at, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new MoveRetryNote(number, job, time)
            : null;

    /// <summary>The note after one more failure: 10 s, then twice as long each time, at most 10 min.</summary>
    public static MoveRetryNote After(MoveRetryNote? last, string job, DateTimeOffset now)
    {
        var attempt = Math.Min((last?.Attempt ?? 0) + 1, 100);
        var pause = FirstPause * Math.Pow(2, Math.Min(attempt - 1, 10));
        return new MoveRetryNote(attempt, job, now + (pause < LongestPause ? pause : LongestPause));
    }

    /// <summary>Writes a note, or takes it off where there is none.</summary>
    public static ChangeStatefulSet Write(StatefulSetReference set, MoveRetryNote? note, string purpose) => new(
        set,
        new SortedDictionary<string, string?>(StringComparer.Ordinal) { [ClusterMetadata.MoveRetryAnnotation] = note?.ToString() },
        purpose);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Attempt} {JobId} {NextTry.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}");
}
