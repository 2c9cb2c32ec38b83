using System.Diagnostics;

namespace Slotwise.Redis.Tests;

/// <summary>Three real servers made one cluster by the typed commands.</summary>
public sealed class RealClusterTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Three_masters_and_a_replica_form_a_cluster()
    {
        await using var servers = await ServerGroup.StartAsync(4);
        await using var pool = new RedisConnectionPool(new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(5), CommandTimeout = TimeSpan.FromSeconds(5) });
        var nodes = servers.Select((server, i) => pool.Get(server.Endpoint, $"node-{i}", null)).ToList();
        var ids = await Task.WhenAll(nodes.Select(node => Ask(node, ClusterCommands.MyId)));
        Assert.Equal("", (await Ask(nodes[0], ClusterCommands.Nodes)).Myself!.Ip);

        var shares = SlotPartition.Split(3);
        for (var i = 0; i < 3; i++)
        {
            var replies = await nodes[i].ExecuteAsync([ClusterCommands.AddSlotsRange(shares[i]), ClusterCommands.SetConfigEpoch(i + 1)], Patience, default);
            Assert.All(replies, reply => Assert.Equal(RespValue.Ok, reply));
        }

        for (var i = 1; i < 4; i++)
        {
            await Ask(nodes[i], ClusterCommands.Meet("127.0.0.1", servers[0].Endpoint.Port, servers[0].BusPort));
        }

        await Until(async () => (await Tables(nodes)).All(table => table.Nodes.Count == 4 && table.CoveredSlots.IsFull && table.Nodes.All(node => !node.IsInHandshake)));
        Assert.Equal("OK", await Ask(nodes[3], ClusterCommands.Replicate(ids[0])));
        await Until(async () => (await Tables(nodes)).All(table => table.Find(ids[3])!.MasterId == ids[0]));
        await Until(async () => (await Ask(nodes[3], ServerCommands.Info("replication"))).IsMasterLinkUp);
        await Until(async () => (await Task.WhenAll(nodes.Select(node => Ask(node, ClusterCommands.Info)))).All(info => info.IsOk));
        await Until(async () => await Ask(nodes[3], ClusterCommands.Offsets) is var told && told[ids[0]] > 0 && told[ids[0]] == told[ids[3]]);

        var tables = await Tables(nodes);
        Assert.All(tables, table => Assert.True(table.AgreesOnSlotsWith(tables[0])));
        Assert.Equal(shares, ids.Take(3).Select(id => tables[0].Find(id)!.Slots));
        var cluster = await Ask(nodes[0], ClusterCommands.Info);
        Assert.Equal((16384, 16384, 4, 3, 1), (cluster.SlotsAssigned, cluster.SlotsOk, cluster.KnownNodes, cluster.Size, cluster.MyEpoch));

        var master = await Ask(nodes[0], ServerCommands.Info());
        Assert.True(master.IsMaster && master.IsClusterEnabled);
        Assert.Equal(servers[3].Endpoint.Port, Assert.Single(master.Replicas).Port);
        var replica = await Ask(nodes[3], ServerCommands.Info());
        Assert.True(replica.IsReplica);
        Assert.Equal((servers[0].Endpoint.Host, servers[0].Endpoint.Port), (replica.MasterHost, replica.MasterPort));

        Assert.Equal("OK", await Ask(nodes[3], ClusterCommands.Failover(FailoverMode.Takeover)));
        await Until(async () => (await Ask(nodes[3], ServerCommands.Info("replication"))).IsMaster);
    }

    [Fact]
    public async Task Slots_open_move_and_close_and_nodes_leave()
    {
        await using var servers = await ServerGroup.StartAsync(2);
        await using var pool = new RedisConnectionPool(new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(5), CommandTimeout = TimeSpan.FromSeconds(5) });
        var source = pool.Get(servers[0].Endpoint, "source", null);
        var target = pool.Get(servers[1].Endpoint, "target", null);
        var sourceId = await Ask(source, ClusterCommands.MyId);
        var targetId = await Ask(target, ClusterCommands.MyId);
        await Ask(source, ClusterCommands.AddSlotsRange(SlotSet.Full));
        await Ask(source, ClusterCommands.DelSlotsRange(SlotSet.Of(5, 7, 8)));
        Assert.Equal("0-4,6,9-16383", (await Ask(source, ClusterCommands.Nodes)).Myself!.Slots.ToString());
        await Ask(target, ClusterCommands.AddSlotsRange(SlotSet.Of(5, 7, 8)));
        await Ask(source, ClusterCommands.SetConfigEpoch(1));
        await Ask(target, ClusterCommands.SetConfigEpoch(2));
        await Ask(target, ClusterCommands.Meet("127.0.0.1", servers[0].Endpoint.Port, servers[0].BusPort));
        await Until(async () => (await Tables([source, target])).All(table => table.Nodes.Count == 2 && table.CoveredSlots.IsFull));
        await Until(async () => (await Ask(source, ClusterCommands.Info)).IsOk);

        var slot = SlotHash.Of("foo");
        await source.ExecuteAsync([new RedisCommand("SET", "foo", "bar")], Patience, default);
        Assert.Equal(1, await Ask(source, ClusterCommands.CountKeysInSlot(slot)));
        Assert.Equal("foo"u8.ToArray(), Assert.Single(await Ask(source, ClusterCommands.GetKeysInSlot(slot, 10))));
        Assert.Equal(1, await Ask(source, ServerCommands.DbSize));
        Assert.Equal(1, (await Ask(source, ServerCommands.Info("keyspace"))).KeysByDatabase[0]);

        await Ask(target, ClusterCommands.SetSlotImporting(slot, sourceId));
        await Ask(source, ClusterCommands.SetSlotMigrating(slot, targetId));
        Assert.Equal([new OpenSlot(slot, targetId)], (await Ask(source, ClusterCommands.Nodes)).Myself!.Migrating);
        Assert.Equal([new OpenSlot(slot, sourceId)], (await Ask(target, ClusterCommands.Nodes)).Myself!.Importing);
        await Ask(target, ClusterCommands.SetSlotStable(slot));
        await Ask(source, ClusterCommands.SetSlotStable(slot));
        Assert.Empty((await Ask(source, ClusterCommands.Nodes)).Myself!.Migrating);

        await Ask(target, ClusterCommands.SetSlotImporting(0, sourceId));
        await Ask(source, ClusterCommands.SetSlotMigrating(0, targetId));
        await Ask(target, ClusterCommands.SetSlotNode(0, targetId));
        await Ask(source, ClusterCommands.SetSlotNode(0, targetId));
        Assert.True((await Ask(source, ClusterCommands.Nodes)).Find(targetId)!.Slots.Contains(0));

        var refusal = await Assert.ThrowsAsync<RedisServerException>(() => Ask(source, ClusterCommands.Forget(sourceId)));
        Assert.Equal("ERR", refusal.Code);
        await Ask(source, ClusterCommands.Forget(targetId));
        Assert.Null((await Ask(source, ClusterCommands.Nodes)).Find(targetId));
        await Ask(target, ClusterCommands.Reset(hard: true));
        Assert.NotEqual(targetId, await Ask(target, ClusterCommands.MyId));
        Assert.StartsWith("BUMPED", await Ask(target, ClusterCommands.BumpEpoch), StringComparison.Ordinal);
    }

    static Task<T> Ask<T>(IRedisNode node, RedisCommand<T> command) => node.ExecuteAsync(command, Patience, TestContext.Current.CancellationToken);

    static Task<ClusterNodesTable[]> Tables(IEnumerable<IRedisNode> nodes) => Task.WhenAll(nodes.Select(node => Ask(node, ClusterCommands.Nodes)));

    static async Task Until(Func<Task<bool>> condition)
    {
        for (var start = Stopwatch.StartNew(); !await condition(); await Task.Delay(20))
        {
            Assert.True(start.Elapsed < Patience, "the cluster did not get there in time");
        }
    }
}
