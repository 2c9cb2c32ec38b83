using System.Globalization;
using Slotwise.Bench.Form;
using Slotwise.Redis;

namespace Slotwise.Bench.Outage;

/// <summary>Redis Cluster alone: servers with the default time-out, which nobody looks after. A server that ended is started again when its replica has its place.</summary>
sealed class BareCluster : IAsyncDisposable
{
    const int Shards = 3;
    const string Sigterm = "TERM";
    const string Sigkill = "KILL";
    const string Sigstop = "STOP";

    static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    readonly RedisCliSide _side = new();

    public IReadOnlyList<RedisEndpoint> Endpoints => [.. _side.Addresses.Select(address => new RedisEndpoint(address, 6379))];

    public static async Task<BareCluster> StartAsync(int network, CancellationToken cancellationToken)
    {
        var cluster = new BareCluster();
        await cluster._side.PrepareAsync(network, Shards, replicas: 1, cancellationToken);
        cluster._side.Go(replicas: 1);
        await cluster._side.WaitForExitAsync(cancellationToken);
        await cluster.WaitUntilWholeAsync(cancellationToken);
        return cluster;
    }

    /// <summary>The administrator's handover.</summary>
    public async Task HandOverAsync(int shard, CancellationToken cancellationToken)
    {
        var (_, replica) = await FindAsync(shard, cancellationToken);
        await using (var connection = await RedisConnection.ConnectAsync(Endpoints[replica], cancellationToken: cancellationToken))
        {
            await connection.ExecuteAsync(new RedisCommand("CLUSTER", "FAILOVER"), cancellationToken);
        }

        await WaitUntilMasterAsync(replica, cancellationToken);
        await WaitUntilWholeAsync(cancellationToken);
    }

    /// <summary>The master is asked to end, as a deleted pod's server is.</summary>
    public Task TerminateAsync(int shard, CancellationToken cancellationToken) => EndAsync(shard, Sigterm, cancellationToken);

    public Task KillAsync(int shard, CancellationToken cancellationToken) => EndAsync(shard, Sigkill, cancellationToken);

    /// <summary>The master says nothing any more, as one whose host has lost its power.</summary>
    public Task SilenceAsync(int shard, CancellationToken cancellationToken) => EndAsync(shard, Sigstop, cancellationToken);

    public ValueTask DisposeAsync() => _side.DisposeAsync();

    async Task EndAsync(int shard, string signal, CancellationToken cancellationToken)
    {
        var (master, replica) = await FindAsync(shard, cancellationToken);
        await _side.Fleet.SignalAsync(master, signal);
        await WaitUntilMasterAsync(replica, cancellationToken);
        if (signal == Sigstop)
        {
            await _side.Fleet.SignalAsync(master, Sigkill);
        }

        await _side.Fleet.RestartAsync(master, cancellationToken);
        await WaitUntilWholeAsync(cancellationToken);
    }

    /// <summary>Which servers are the master of a shard and its replica.</summary>
    async Task<(int Master, int Replica)> FindAsync(int shard, CancellationToken cancellationToken)
    {
        var nodes = await ReadNodesAsync(cancellationToken);
        var slot = SlotPartition.Split(Shards)[shard].First();
        var master = nodes.First(node => node.Slots.Contains(slot));
        var replica = nodes.First(node => node.MasterId == master.Id);
        return (IndexOf(master), IndexOf(replica));

        int IndexOf(ClusterNode node) => _side.Fleet.Addresses.IndexOf(node.Ip);
    }

    async Task<IReadOnlyList<ClusterNode>> ReadNodesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await RedisConnection.ConnectAsync(Endpoints[0], cancellationToken: cancellationToken);
        return (await connection.ExecuteAsync(ClusterCommands.Nodes, cancellationToken)).Nodes;
    }

    Task WaitUntilMasterAsync(int index, CancellationToken cancellationToken) => Waiting.UntilAsync(
        string.Create(CultureInfo.InvariantCulture, $"{Endpoints[index]} is a master"), Within, async () =>
        {
            await using var connection = await RedisConnection.ConnectAsync(Endpoints[index], cancellationToken: cancellationToken);
            return (await connection.ExecuteAsync(new RedisCommand("ROLE"), cancellationToken)).Items[0].AsText() == "master";
        }, cancellationToken);

    /// <summary>Who follows whom is heard last.</summary>
    Task WaitUntilWholeAsync(CancellationToken cancellationToken) => Waiting.UntilAsync(
        "the bare cluster is whole",
        Within,
        async () => await FormedCheck.IsFormedAsync(_side.Pool, _side.Addresses, Shards, cancellationToken)
            && (await ReadNodesAsync(cancellationToken)).Select(node => node.MasterId).OfType<NodeId>().Distinct().Count() == Shards,
        cancellationToken);
}
