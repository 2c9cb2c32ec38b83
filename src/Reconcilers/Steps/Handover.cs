using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Has a replica in sync take over from its master, which holds its clients back meanwhile: no write is lost. The servers do it within moments after
/// they were asked; whether they did is seen in a later pass.
/// </summary>
/// <param name="Candidate">The replica.</param>
/// <param name="Master">Its master.</param>
/// <param name="Set">The shard's StatefulSet, on which it is noted first.</param>
/// <param name="History">What to note there.</param>
public sealed record Handover(Party Candidate, Party Master, StatefulSetReference Set, FailoverHistory History) : IStep
{
    static readonly RedisCommand<string> Ping = ServerCommands.Ping;

    public IReadOnlyList<ServerReference> Servers => [Candidate.Server, Master.Server];

    public int Stage => Stages.Redis;

    public string Description => $"have {Candidate} take over from {Master}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);

        // A master that does not list the candidate as its replica ignores it, and the attempt would only delay the next one.
        var (known, reason) = await context.ExecuteAsync(Master.Server, ForbidByMaster, [Ping], cancellationToken);
        if (known is null)
        {
            return StepOutcome.Skipped(reason);
        }

        var noted = await History.NoteAsync(Set, $"note on StatefulSet {Set} that {Candidate} is to take over from {Master}", context, cancellationToken);
        if (noted.Result != StepResult.Done)
        {
            return noted;
        }

        var (replies, doubt) = await context.ExecuteAsync(Candidate.Server, ForbidByCandidate, [ClusterCommands.Failover(FailoverMode.Handover)], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        return replies[0].IsError
            ? StepOutcome.Failed($"{Candidate} did not take over from {Master}: {replies[0].AsText()}")
            : StepOutcome.Done("HandedOver", $"asked {Candidate} to take over from {Master}");
    }

    string? ForbidByMaster(ClusterNodesTable nodes) =>
        nodes.Myself is not { IsMaster: true } myself || myself.Id != Master.Id ? $"{Master} is no longer the master"
        : nodes.Find(Candidate.Id)?.MasterId != Master.Id ? $"{Master} does not list {Candidate} as its replica"
        : null;

    string? ForbidByCandidate(ClusterNodesTable nodes) =>
        nodes.Myself is { } myself && myself.Id == Candidate.Id && myself.MasterId == Master.Id ? null : $"{Candidate} no longer follows {Master}";
}
