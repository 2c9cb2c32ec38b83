using System.Globalization;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 8 as well: moves that the servers carry out by themselves. One that failed is reported and tried again later and later, never at once; and Redis, which tries
/// a failed one again for ever by itself, is told to stop that.
/// </summary>
public static class FailedMoves
{
    static readonly TimeSpan JobInterval = TimeSpan.FromSeconds(1);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var refusals = new List<Refusal>();
        foreach (var source in view.Masters)
        {
            PlanOne(view, source, steps, waits, refusals);
        }

        return new RungAnswer(steps, waits, refusals);
    }

    /// <summary>Whether no slot may leave the shard yet, because the last attempt failed.</summary>
    public static bool IsPaused(ClusterView view, int shard)
    {
        ArgumentNullException.ThrowIfNull(view);
        return NoteOf(view, shard) is { } note && note.NextTry > view.Observation.At;
    }

    static void PlanOne(ClusterView view, Member source, List<IStep> steps, List<Wait> waits, List<Refusal> refusals)
    {
        var reports = ReportsOf(view, source);
        foreach (var failed in reports.Where(report => report.Job is { Method: SlotMoveMethod.RedisTask, IsExport: false, State: SlotMoveJobState.Failed }))
        {
            steps.Add(new CancelMoves(failed.Reporter.Party, [failed.Job]));
        }

        var running = reports.Where(report => report.Job.State == SlotMoveJobState.InProgress).Select(report => report.Job).ToList();
        if (running.Count > 0 && view.SlotPlan?.Operation is null)
        {
            waits.Add(new Wait("Moving", string.Create(CultureInfo.InvariantCulture, $"{source} is giving slots away by itself: {running[0].Slots}"), JobInterval) { IsLocal = true });
        }

        // While slots are not served it is not known whether they are still to be moved.
        var note = NoteOf(view, source.Shard);
        if (view.StatefulSet(source.Shard) is not { } set || view.SlotPlan is not { } plan)
        {
            return;
        }

        var last = running.Count > 0 ? running[0] : reports.Select(report => report.Job).MaxBy(job => job.UpdatedAt ?? DateTimeOffset.MinValue);
        if (plan.Remaining == 0 || last is { State: SlotMoveJobState.Done })
        {
            if (note is not null)
            {
                steps.Add(MoveRetryNote.Write(StatefulSetReference.Of(set), null, $"slots of shard {source.Shard} are moved again without failures"));
            }

            return;
        }

        if (last is { State: SlotMoveJobState.Failed } failure && failure.Id != note?.JobId)
        {
            note = MoveRetryNote.After(note, failure.Id, view.Observation.At);
            steps.Add(MoveRetryNote.Write(StatefulSetReference.Of(set), note, $"note on StatefulSet {set.Metadata.Name} when to move slots again"));
        }

        if (note is null || running.Count > 0)
        {
            return;
        }

        refusals.Add(new Refusal("MoveFailed", Explain(source, note, reports.FirstOrDefault(report => report.Job.Id == note.JobId).Job)));
        if (note.NextTry > view.Observation.At)
        {
            waits.Add(new Wait("MoveFailed", $"slots of shard {source.Shard} are not moved before the next try", note.NextTry - view.Observation.At) { IsLocal = true });
        }
    }

    /// <summary>The jobs in which slots leave the master: Valkey's as it says itself, Redis' as those say to whom they come.</summary>
    static List<(Member Reporter, SlotMoveJob Job)> ReportsOf(ClusterView view, Member source) =>
    [
        .. source.Server.Jobs.Where(job => job.IsExport).Select(job => (source, job)),
        .. view.Masters
            .Where(master => master != source)
            .SelectMany(master => master.Server.Jobs.Where(job => !job.IsExport && job.Method == SlotMoveMethod.RedisTask && job.Source == source.Id).Select(job => (master, job))),
    ];

    static MoveRetryNote? NoteOf(ClusterView view, int shard) => MoveRetryNote.Parse(view.Annotation(shard, ClusterMetadata.MoveRetryAnnotation));

    static string Explain(Member source, MoveRetryNote note, SlotMoveJob? job)
    {
        var what = job is null ? $"job {note.JobId} of {source}" : $"{source} could not give slots {job.Slots} away: {job.Message}";
        var times = note.Attempt == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({note.Attempt} times in a row)");
        return string.Create(CultureInfo.InvariantCulture, $"{what}{times}; the next try is not before {note.NextTry.UtcDateTime:HH:mm:ss} UTC");
    }
}
