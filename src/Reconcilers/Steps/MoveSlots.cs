using System.Globalization;
using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Moves slots from one master to another for about a second, or has the servers begin to move them. Slots that are open already between these two
/// are gone on with, whichever side is missing; what has moved is left out. The servers' own states say where to go on, so it can be repeated or abandoned.
/// </summary>
/// <param name="Source">Who gives.</param>
/// <param name="Target">Who takes.</param>
/// <param name="Slots">The slots.</param>
/// <param name="Method">How; both must be able to.</param>
/// <param name="Others">All other members: the masters are told last, which spares their clients a detour.</param>
/// <param name="SourceSet">The source's StatefulSet, on which is noted what must be undone if the operator dies in the middle.</param>
public sealed record MoveSlots(
    Party Source,
    Party Target,
    SlotSet Slots,
    SlotMoveMethod Method,
    IReadOnlyList<Party> Others,
    StatefulSetReference SourceSet) : IStep
{
    const string NodeTimeout = "cluster-node-timeout";

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);
    static readonly RedisCommand<IReadOnlyDictionary<string, string>> GetNodeTimeout = ServerCommands.ConfigGet(NodeTimeout);

    /// <summary>Whether the target may evict keys to make room, which loses them.</summary>
    public bool AllowEviction { get; init; }

    public IReadOnlyList<ServerReference> Servers => [Source.Server, Target.Server];

    public int Stage => Stages.Redis;

    public string Description => string.Create(CultureInfo.InvariantCulture, $"move {Slots.Count} slots from {Source} to {Target}");

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (source, doubt) = await context.OpenAsync(Source.Server, cancellationToken);
        if (source is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        await using var giver = source;
        (var target, doubt) = await context.OpenAsync(Target.Server, cancellationToken);
        if (target is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        await using var taker = target;
        var timeout = GetNodeTimeout.Read((await source.ExecuteAsync([GetNodeTimeout], AnswerWithin, cancellationToken))[0]);
        var move = new SlotMove
        {
            Source = new SlotMoveEnd(source, Source.Id),
            Target = new SlotMoveEnd(target, Target.Id),
            Slots = Slots,
            Credentials = context.Replication,
            MaxStall = TimeSpan.FromMilliseconds(int.Parse(timeout[NodeTimeout], CultureInfo.InvariantCulture)) / 4,
            AllowEviction = AllowEviction,
        };
        var result = await new SetSlotMover(context.Time).MoveAsync(move, cancellationToken);
        await TellOthersAsync(result.Moved, context, cancellationToken);
        return Explain(result);
    }

    /// <summary>Without it they hear it from the target anyway: nobody needs to be asked twice.</summary>
    async Task TellOthersAsync(SlotSet moved, StepContext context, CancellationToken cancellationToken)
    {
        if (moved.IsEmpty)
        {
            return;
        }

        RedisCommand[] commands = [.. moved.Select(slot => ClusterCommands.SetSlotNode(slot, Target.Id))];
        await Task.WhenAll(Others.Where(other => other.IsMaster).Select(TellAsync));

        async Task TellAsync(Party other)
        {
            try
            {
                await context.ExecuteAsync(other.Server, nodes => Forbid(nodes, other), commands, cancellationToken);
            }
            catch (RedisException)
            {
                // It hears it by gossip.
            }
        }

        string? Forbid(ClusterNodesTable nodes, Party other) =>
            nodes.Myself is { IsMaster: true } myself && myself.Id == other.Id && !myself.Slots.Overlaps(moved) ? null : $"{other} is not what it was";
    }

    StepOutcome Explain(SlotMoveResult result)
    {
        if (!result.Moved.IsEmpty || result.Keys > 0 || result.Obstacles.Count == 0)
        {
            return new StepOutcome(StepResult.Done, string.Create(CultureInfo.InvariantCulture, $"moved {result.Moved.Count} slots with {result.Keys} keys from {Source} to {Target}"));
        }

        var first = result.Obstacles.MinBy(obstacle => obstacle.Kind)!;
        return first.Kind switch
        {
            SlotMoveObstacleKind.LargeKey => StepOutcome.Refused(first.Message, "KeyTooLarge"),
            SlotMoveObstacleKind.KeyConflict => StepOutcome.Refused(first.Message, "KeyConflict"),
            SlotMoveObstacleKind.NoMemory => StepOutcome.Refused(first.Message, "InsufficientMemory"),
            SlotMoveObstacleKind.NotReady => StepOutcome.Skipped(first.Message),
            _ => StepOutcome.Failed($"could not {Description}: {first.Message}"),
        };
    }
}
