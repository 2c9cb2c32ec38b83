using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Has a replica become master by the votes of a majority, whatever its master says, because that lost the keys which the replica still has. What is
/// noted first keeps the next attempt from coming too soon.
/// </summary>
/// <param name="Candidate">The replica.</param>
/// <param name="Master">Its master, which is empty.</param>
/// <param name="Set">The shard's StatefulSet.</param>
/// <param name="At">The time to note.</param>
public sealed record PromoteReplica(Party Candidate, Party Master, StatefulSetReference Set, DateTimeOffset At) : IStep
{
    static readonly RedisCommand<RedisInfo> Info = ServerCommands.Info("replication", "keyspace");

    public IReadOnlyList<ServerReference> Servers => [Candidate.Server, Master.Server];

    public int Stage => Stages.Redis;

    public string Description => $"promote {Candidate}, which has the keys that {Master} lost";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (ready, reason) = await context.ExecuteAsync(Candidate.Server, [Info], Forbid, [ServerCommands.Ping], cancellationToken);
        if (ready is null)
        {
            return StepOutcome.Skipped(reason);
        }

        var note = new FailoverNote(Candidate.Id, Master.Id, At).WriteTo(Set, $"note on StatefulSet {Set} that {Candidate} is to replace {Master}");
        var noted = await note.ExecuteAsync(context, cancellationToken);
        if (noted.Result != StepResult.Done)
        {
            return noted;
        }

        var (replies, doubt) = await context.ExecuteAsync(Candidate.Server, [Info], Forbid, [ClusterCommands.Failover(FailoverMode.Force)], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        return replies[0].IsError
            ? StepOutcome.Failed($"{Candidate} was not promoted: {replies[0].ErrorText}")
            : StepOutcome.Done("Promoted", $"asked {Candidate} to replace {Master}, which came back without the keys that {Candidate} still has");
    }

    string? Forbid(ClusterNodesTable nodes, IReadOnlyList<RespValue> answers)
    {
        var info = Info.Read(answers[0]);
        return nodes.Myself is not { } myself || myself.Id != Candidate.Id || myself.MasterId != Master.Id ? $"{Candidate} no longer follows {Master}"
            : info.KeysByDatabase.Count == 0 ? $"{Candidate} holds no keys any more"
            : info is { IsMasterLinkUp: true, IsMasterSyncInProgress: false } ? $"{Candidate} is a copy of {Master} by now"
            : null;
    }
}
