using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Ends jobs in which a server moves slots by itself. The slots stay where they are.</summary>
/// <param name="Server">Who carries the jobs out: the source of Valkey's, which ends all it has, the target of Redis'.</param>
/// <param name="Jobs">The jobs, as this server reports them.</param>
public sealed record CancelMoves(Party Server, IReadOnlyList<SlotMoveJob> Jobs) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Server.Server];

    public int Stage => Stages.Reshaping;

    public string Description => $"cancel moves of slots at {Server}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        List<RedisCommand> commands = [.. Jobs.Where(job => job.Method == SlotMoveMethod.RedisTask).Select(job => SlotJobCommands.CancelRedisTask(job.Id))];
        if (Jobs.Any(job => job.Method == SlotMoveMethod.ValkeyJob))
        {
            commands.Add(SlotJobCommands.CancelValkeyJobs);
        }

        var (replies, reason) = await context.ExecuteAsync(
            Server.Server,
            nodes => nodes.Myself?.Id == Server.Id ? null : $"{Server} is another node by now",
            commands,
            cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies.FirstOrDefault(reply => reply.IsError && !IsOver(reply)) is { IsError: true } error
            ? StepOutcome.Failed($"could not {Description}: {error.ErrorText}")
            : StepOutcome.Done("MoveCancelled", $"cancelled moves of slots at {Server}");
    }

    /// <summary>It ended meanwhile by itself.</summary>
    static bool IsOver(RespValue reply) => reply.ErrorText.Contains("No migrations ongoing", StringComparison.OrdinalIgnoreCase);
}
