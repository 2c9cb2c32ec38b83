using System.Globalization;
using Slotwise.Kubernetes.Api;
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
/// <param name="Others">All other members. The target tells them of the new owner itself; for a large key all are made patient.</param>
/// <param name="SourceSet">The source's StatefulSet, on which is noted what must be undone if the operator dies in the middle.</param>
public sealed record MoveSlots(
    Party Source,
    Party Target,
    SlotSet Slots,
    SlotMoveMethod Method,
    IReadOnlyList<Party> Others,
    StatefulSetReference SourceSet) : IStep
{
    /// <summary>The share of cluster-node-timeout for which a server may stand still without anybody beginning to suspect it.</summary>
    const int StallShare = 4;

    static readonly RedisCommand<RedisInfo> Product = ServerCommands.Info("server");

    /// <summary>Whether the target may evict keys to make room, which loses them.</summary>
    public bool AllowEviction { get; init; }

    /// <summary>
    /// cluster-node-timeout as it was asked for. What a server says may be higher, where the last large key's move could not undo what it had raised; it
    /// is never raised from there.
    /// </summary>
    public required TimeSpan NodeTimeout { get; init; }

    public IReadOnlyList<ServerReference> Servers => [Source.Server, Target.Server];

    /// <summary>Whether slots are moved anew, to change the cluster's shape; else only what was found half-way is finished.</summary>
    public bool Reshapes { get; init; }

    public int Stage => Reshapes ? Stages.Reshaping : Stages.Redis;

    public string Description => string.Create(CultureInfo.InvariantCulture, $"move {Slots.Count} slots from {Source} to {Target}");

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (source, doubt) = await OpenAsync(Source.Server, context, cancellationToken);
        if (source is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        await using var giver = source;
        (var target, doubt) = await OpenAsync(Target.Server, context, cancellationToken);
        if (target is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        await using var taker = target;
        try
        {
            return await MoveAsync(source, target, context, cancellationToken);
        }
        catch (RedisServerException e) when (e.Code == "NOPERM")
        {
            return await RenewRightsAsync(source, target, e.Message, cancellationToken);
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }

    /// <summary>One connection, or several to a server that lets each of them wait for its replicas.</summary>
    async Task<(IRedisSession? Session, string Reason)> OpenAsync(ServerReference server, StepContext context, CancellationToken cancellationToken)
    {
        var (session, doubt) = await context.OpenAsync(server, cancellationToken);
        if (session is null || Method != SlotMoveMethod.SetSlot || Slots.Count < SideBySideSession.LeastSlots)
        {
            return (session, doubt);
        }

        List<IRedisSession> sessions = [session];
        try
        {
            var answers = await session.ExecuteAsync([Product], NodeTimeouts.AnswerWithin, cancellationToken);
            while (Product.Read(answers[0]).IsValkey && sessions.Count < SideBySideSession.Connections
                && (await context.OpenAsync(server, cancellationToken)).Session is { } another)
            {
                sessions.Add(another);
            }
        }
        catch
        {
            await new SideBySideSession(sessions).DisposeAsync();
            throw;
        }

        return (sessions.Count > 1 ? new SideBySideSession(sessions) : session, "");
    }

    async Task<StepOutcome> MoveAsync(IRedisSession source, IRedisSession target, StepContext context, CancellationToken cancellationToken)
    {
        var present = await NodeTimeouts.ReadAsync(source, cancellationToken);
        var nodeTimeout = present < NodeTimeout ? present : NodeTimeout;
        var move = new SlotMove
        {
            Source = new SlotMoveEnd(source, Source.Id),
            Target = new SlotMoveEnd(target, Target.Id),
            Slots = Slots,
            Credentials = context.Replication,
            MaxStall = nodeTimeout / StallShare,
            AllowEviction = AllowEviction,
        };
        ISlotMover mover = Method == SlotMoveMethod.SetSlot ? new SetSlotMover(context.Time) : new JobMover(Method, context.Time);
        var result = await mover.MoveAsync(move, cancellationToken);

        // Large keys come last: until then there is something to be done at no risk.
        if (!HasMoved(result) && SmallestOf(result) is { } large)
        {
            return await MoveLargeAsync(move, large, nodeTimeout, context, cancellationToken);
        }

        var lacksRight = result.Obstacles.FirstOrDefault(obstacle => obstacle.Kind == SlotMoveObstacleKind.NoPermission);
        return lacksRight is null ? Explain(result) : await RenewRightsAsync(source, target, lacksRight.Message, cancellationToken);
    }

    /// <summary>Moves one slot with a large key while all nodes are patient.</summary>
    async Task<StepOutcome> MoveLargeAsync(SlotMove move, SlotMoveObstacle large, TimeSpan nodeTimeout, StepContext context, CancellationToken cancellationToken)
    {
        var timeouts = new NodeTimeouts(context, SourceSet);
        IReadOnlyList<ServerReference> all = [Source.Server, Target.Server, .. Others.Select(other => other.Server)];
        var refusal = await timeouts.RaiseAsync(all, nodeTimeout, large.Stall * StallShare, cancellationToken);
        try
        {
            if (refusal is not null)
            {
                return StepOutcome.Failed($"could not {Description}: {large.Message}; cluster-node-timeout could not be raised for it: {refusal}");
            }

            var result = await new SetSlotMover(context.Time).MoveAsync(move with { Slots = large.Slots, MaxStall = large.Stall }, cancellationToken);
            return Explain(result);
        }
        finally
        {
            // What fails here is done again by the next pass, which sees the note.
            await timeouts.RestoreAsync(all, nodeTimeout, cancellationToken);
        }
    }

    /// <summary>The slot whose large key takes the least time, if that is bearable.</summary>
    static SlotMoveObstacle? SmallestOf(SlotMoveResult result) => result.Obstacles
        .Where(obstacle => obstacle.Kind == SlotMoveObstacleKind.LargeKey && obstacle.Stall <= SlotMove.LongestStall)
        .MinBy(obstacle => obstacle.Stall);

    /// <summary>
    /// The servers may have started with a list of users of an earlier release; the file they have is newer, or will be when the kubelet has renewed it.
    /// Refused, not failed, because reading it cuts all connections of redis 7.0, those of its replicas too: once a minute is often enough.
    /// </summary>
    async Task<StepOutcome> RenewRightsAsync(IRedisSession source, IRedisSession target, string refusal, CancellationToken cancellationToken)
    {
        foreach (var session in (IRedisSession[])[source, target])
        {
            await session.ExecuteAsync([ServerCommands.AclLoad], NodeTimeouts.AnswerWithin, cancellationToken);
        }

        return StepOutcome.Refused(
            $"could not {Description}: {refusal}; both were told to read their list of users again, which the pods get from the Secret within a minute",
            "MissingRights");
    }

    static bool HasMoved(SlotMoveResult result) => !result.Moved.IsEmpty || !result.Started.IsEmpty || result.Keys > 0;

    StepOutcome Explain(SlotMoveResult result)
    {
        if (HasMoved(result) || result.Obstacles.Count == 0)
        {
            return new StepOutcome(StepResult.Done, result.Started.IsEmpty
                ? string.Create(CultureInfo.InvariantCulture, $"moved {result.Moved.Count} slots with {result.Keys} keys from {Source} to {Target}")
                : string.Create(CultureInfo.InvariantCulture, $"{Source} and {Target} began to move {result.Started.Count} slots"));
        }

        var first = result.Obstacles.MinBy(obstacle => obstacle.Kind)!;
        return first.Kind switch
        {
            SlotMoveObstacleKind.LargeKey => StepOutcome.Refused(
                string.Create(CultureInfo.InvariantCulture, $"{first.Message}, more than the {SlotMove.LongestStall.TotalSeconds:0} s that are risked: split the key or delete it (redis-cli --memkeys finds it)"),
                "KeyTooLarge"),
            SlotMoveObstacleKind.KeyConflict => StepOutcome.Refused(first.Message, "KeyConflict"),
            SlotMoveObstacleKind.NoMemory => StepOutcome.Refused($"{first.Message}: raise the memory limit, or delete keys", "InsufficientMemory"),
            SlotMoveObstacleKind.NotReady => StepOutcome.Skipped(first.Message),
            _ => StepOutcome.Failed($"could not {Description}: {first.Message}"),
        };
    }
}
