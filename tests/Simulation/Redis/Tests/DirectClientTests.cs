using Slotwise.Redis;
using Slotwise.Simulation.Redis.Clients;

namespace Slotwise.Simulation.Redis.Tests;

/// <summary>The application of a run.</summary>
public sealed class DirectClientTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    [Fact]
    public void It_follows_redirections_and_says_where_a_write_ends()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            var client = new DirectClient(cluster.World, "app");
            for (var master = 0; master < 3; master++)
            {
                var key = cluster.KeyOf(master);
                var answer = await client.SetAsync(key, "value", Timeout);
                Assert.True(answer.IsAcknowledged);
                Assert.Same(cluster[master], answer.Server);
                Assert.True(await cluster.EventuallyAsync(() => cluster[master + 3].View.Offset >= answer.Offset, 1));
                Assert.True(cluster[master + 3].View.Keys.TryGet(key, out _));
                Assert.Equal("value", (await client.GetAsync(key, Timeout)).Reply!.Value.AsText());
            }
        });
    }

    [Fact]
    public void It_follows_a_slot_that_is_on_its_way()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 0);
            var client = new DirectClient(cluster.World, "app");
            var key = cluster.KeyOf(0);
            var slot = SlotHash.Of(key);
            await cluster.AskAsync(1, "CLUSTER", "SETSLOT", slot, "IMPORTING", cluster[0].View.Id);
            await cluster.AskAsync(0, "CLUSTER", "SETSLOT", slot, "MIGRATING", cluster[1].View.Id);
            Assert.True((await client.SetAsync(key, "value", Timeout)).IsAcknowledged);
            Assert.True(cluster[1].View.Keys.TryGet(key, out _));
            Assert.Equal(0, cluster[0].View.Keys.Count);
        });
    }

    [Fact]
    public void A_server_that_ends_before_it_answers_leaves_it_in_doubt()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 0);
            var client = new DirectClient(cluster.World, "app");
            await client.SetAsync(cluster.KeyOf(0), "value", Timeout);
            cluster[0].IsPaused = true;
            var answer = client.SetAsync(cluster.KeyOf(0), "newer", Timeout);
            await cluster.WaitAsync(0.1);
            cluster[0].Kill();
            Assert.True((await answer).MayHaveBeenCarriedOut);
            Assert.False((await answer).IsAcknowledged);
        });
    }
}
