using System.Diagnostics;

namespace Slotwise.Redis.Tests;

/// <summary>Real servers that are a cluster: masters with equal shares of the slots, and replicas of them.</summary>
sealed class FormedCluster : IAsyncDisposable
{
    readonly ServerGroup _servers;
    readonly NodeId[] _ids;
    readonly int _masters;

    FormedCluster(ServerGroup servers, NodeId[] ids, int masters)
    {
        _servers = servers;
        _ids = ids;
        _masters = masters;
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The masters first, then a replica of each where there are replicas.</summary>
    public RedisServer this[int index] => _servers[index];

    public static async Task<FormedCluster> StartAsync(int masters, int replicas = 0)
    {
        var servers = await ServerGroup.StartAsync(masters * (1 + replicas), "--cluster-allow-replica-migration", "no", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1");
        var connections = await Task.WhenAll(servers.Select(server => server.ConnectAsync()));
        try
        {
            var shares = SlotPartition.Split(masters);
            for (var i = 0; i < servers.Count; i++)
            {
                if (i < masters)
                {
                    await connections[i].ExecuteAsync([ClusterCommands.AddSlotsRange(shares[i]), ClusterCommands.SetConfigEpoch(i + 1)], Stop);
                }

                if (i > 0)
                {
                    await connections[i].ExecuteAsync(ClusterCommands.Meet("127.0.0.1", servers[0].Endpoint.Port, servers[0].BusPort), Stop);
                }
            }

            var ids = await Task.WhenAll(connections.Select(connection => connection.ExecuteAsync(ClusterCommands.MyId, Stop)));
            await UntilAsync("every server knows all", async () => (await Task.WhenAll(connections.Select(connection => connection.ExecuteAsync(ClusterCommands.Info, Stop))))
                .All(info => info.IsOk && info.KnownNodes == servers.Count));
            for (var i = masters; i < servers.Count; i++)
            {
                var master = ids[i % masters];
                await UntilAsync("the replica follows", async () => !(await connections[i].ExecuteAsync([ClusterCommands.Replicate(master)], Stop))[0].IsError);
            }

            await UntilAsync("every replica is in sync and listed", async () =>
            {
                var slots = await connections[0].ExecuteAsync(new RedisCommand("CLUSTER", "SLOTS"), Stop);
                return slots.Items.ToArray().All(range => range.Items.Length == 3 + replicas);
            });
            return new FormedCluster(servers, ids, masters);
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
        finally
        {
            await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
        }
    }

    /// <summary>Which master has the slot as the cluster was formed.</summary>
    public int OwnerOf(int slot) => SlotPartition.Split(_masters).ToList().FindIndex(share => share.Contains(slot));

    /// <summary>Gives a slot that holds no key to another master.</summary>
    public async Task MoveEmptySlotAsync(int slot, int to)
    {
        await using var target = await _servers[to].ConnectAsync();
        await using var source = await _servers[OwnerOf(slot)].ConnectAsync();
        await target.ExecuteAsync([ClusterCommands.SetSlotImporting(slot, _ids[OwnerOf(slot)]), ClusterCommands.SetSlotNode(slot, _ids[to])], Stop);
        await source.ExecuteAsync(ClusterCommands.SetSlotNode(slot, _ids[to]), Stop);
    }

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        for (var start = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(30), $"not within 30 s: {what}");
            await Task.Delay(20, Stop);
        }
    }
}
