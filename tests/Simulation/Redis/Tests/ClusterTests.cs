using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Tests;

/// <summary>How simulated servers form a cluster and what they do by themselves.</summary>
public sealed class ClusterTests
{
    [Fact]
    public void Six_servers_meet_agree_and_copy()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            var key = cluster.KeyOf(0);
            Assert.Equal("OK", await cluster.TextAsync(0, "SET", key, "value"));
            Assert.StartsWith("(error) MOVED ", await cluster.TextAsync(1, "SET", key, "other"), StringComparison.Ordinal);
            await cluster.WaitAsync(0.1);
            Assert.True(cluster[3].View.Keys.TryGet(key, out var copy));
            Assert.Equal("value", copy.Text);
            for (var index = 0; index < cluster.Count; index++)
            {
                var table = await cluster.TableAsync(index);
                Assert.Equal(6, table.Nodes.Count);
                Assert.Equal(SlotSet.Full, table.CoveredSlots);
            }
        });
    }

    [Fact]
    public void A_killed_masters_replica_is_elected_and_keeps_what_it_had()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            var key = cluster.KeyOf(0);
            await cluster.AskAsync(0, "SET", key, "value");
            await cluster.WaitAsync(0.1);
            var slots = cluster[0].View.Slots;
            var killed = cluster.Simulator.Now;
            cluster[0].Kill();
            Assert.True(await cluster.EventuallyAsync(() => cluster[3].View is { IsMaster: true, AcceptsWrites: true }, 10));
            Assert.InRange((cluster.Simulator.Now - killed).TotalSeconds, 2.0, 6.0);
            Assert.Equal(slots, cluster[3].View.Slots);
            Assert.Equal("value", await cluster.TextAsync(3, "GET", key));

            cluster.Restart(0);
            Assert.True(await cluster.EventuallyAsync(() => cluster[0].View is { IsMaster: false, IsInSync: true }, 20));
            Assert.True(cluster[0].View.Keys.TryGet(key, out _));
        });
    }

    [Fact]
    public void Who_became_a_replica_before_it_heard_from_its_master_follows_the_next_one_too()
    {
        var cluster = new SimulatedCluster(profile: ServerProfile.Valkey81);
        cluster.Simulator.Run(async () =>
        {
            cluster.Start(3);
            await cluster.AskAsync(0, "CLUSTER", "SET-CONFIG-EPOCH", 1);
            await cluster.AskAsync(0, "CLUSTER", "ADDSLOTSRANGE", 0, SlotSet.SlotCount - 1);
            foreach (var replica in (int[])[1, 2])
            {
                await cluster.AskAsync(replica, "CLUSTER", "MEET", cluster[0].Address, 6379, 17000);
                while (await cluster.TextAsync(replica, "CLUSTER", "REPLICATE", cluster[0].View.Id) != "OK")
                {
                    await cluster.WaitAsync(0.001);
                }
            }

            Assert.True(await cluster.EventuallyAsync(() => cluster[1].View is { IsInSync: true, KnownNodes: 3 } && cluster[2].View is { IsInSync: true, KnownNodes: 3 }, 30));
            Assert.Equal("OK", await cluster.TextAsync(1, "CLUSTER", "FAILOVER"));
            Assert.True(await cluster.EventuallyAsync(() => cluster[0].View.MasterId == cluster[1].View.Id && cluster[2].View.MasterId == cluster[1].View.Id, 10));
        });
    }

    [Fact]
    public void Same_seed_same_trace()
    {
        Assert.Equal(Digest(5), Digest(5));
        Assert.NotEqual(Digest(5), Digest(6));
    }

    static string Digest(ulong seed)
    {
        var cluster = new SimulatedCluster(seed);
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            cluster[1].Kill();
            await cluster.WaitAsync(20);
            cluster.Restart(1);
            await cluster.WaitAsync(20);
        });
        return cluster.Simulator.Trace.Digest;
    }
}
