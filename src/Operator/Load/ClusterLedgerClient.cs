using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>Our own cluster client under a ledger.</summary>
/// <param name="client">The client.</param>
/// <param name="shardAt">The name of the shard whose node listens at an address.</param>
sealed class ClusterLedgerClient(RedisClusterClient client, Func<RedisEndpoint, string?> shardAt) : ILedgerClient
{
    static readonly RedisCallOptions Write = new();
    static readonly RedisCallOptions Read = new() { IsIdempotent = true };
    static readonly RedisCallOptions ReadReplica = new() { IsIdempotent = true, ReadFrom = ReadFrom.Replica };

    public long Redirects => client.Counts.Redirects;

    public async Task<LedgerReply> ExecuteAsync(RedisCommand command, bool isRead, ReadFrom from, CancellationToken cancellationToken)
    {
        var (reply, server) = await client.AskAsync(command, !isRead ? Write : from == ReadFrom.Replica ? ReadReplica : Read, cancellationToken);
        return new LedgerReply(reply, server);
    }

    public string? ShardOf(int slot) => client.MasterOf(slot) is { } master ? shardAt(master) : null;
}
