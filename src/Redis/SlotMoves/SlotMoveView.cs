namespace Slotwise.Redis.SlotMoves;

/// <summary>What one side of a move says about the cluster.</summary>
sealed record SlotMoveView(RedisEndpoint Endpoint, ClusterNodesTable Nodes, ClusterInfo Cluster, bool IsValkey)
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);
    static readonly RedisCommand<RedisInfo> Info = ServerCommands.Info("server");

    public static async Task<(SlotMoveView Source, SlotMoveView Target)> AskBothAsync(SlotMove move, CancellationToken cancellationToken)
    {
        var source = AskAsync(move.Source.Session, cancellationToken);
        var target = AskAsync(move.Target.Session, cancellationToken);
        await Task.WhenAll(source, target);
        return (await source, await target);
    }

    static async Task<SlotMoveView> AskAsync(IRedisSession session, CancellationToken cancellationToken)
    {
        var replies = await session.ExecuteAsync([ClusterCommands.Nodes, ClusterCommands.Info, Info], AnswerWithin, cancellationToken);
        return new SlotMoveView(session.Endpoint, ClusterCommands.Nodes.Read(replies[0]), ClusterCommands.Info.Read(replies[1]), Info.Read(replies[2]).IsValkey);
    }
}
