using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Tests;

/// <summary>What single servers do with their data, files and connections.</summary>
public sealed class ServerTests
{
    [Fact]
    public void What_was_appended_outlives_the_process_and_all_but_the_last_second_the_host()
    {
        var cluster = new SimulatedCluster(1, null, ("appendonly", "yes"));
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(1, 0);
            await cluster.WaitAsync(5);
            await cluster.AskAsync(0, "SET", "old", "value");
            await cluster.WaitAsync(3);
            await cluster.AskAsync(0, "SET", "new", "value");
            cluster[0].Kill();
            cluster.Restart(0);
            Assert.True(await cluster.EventuallyAsync(() => cluster[0].View.Keys.Count == 2, 1));
            await cluster.WaitAsync(5);
            await cluster.AskAsync(0, "SET", "newest", "value");
            cluster[0].LosePower();
            cluster.Restart(0);
            Assert.True(await cluster.EventuallyAsync(() => cluster[0].View.Keys.Count == 2, 1));
            await cluster.WaitAsync(1);
            Assert.Equal(2, cluster[0].View.Keys.Count);
        });
    }

    [Fact]
    public void Without_an_append_only_file_a_restarted_server_is_empty_and_keeps_its_id()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 0);
            await cluster.AskAsync(0, "SET", cluster.KeyOf(0), "value");
            var (id, slots) = (cluster[0].View.Id, cluster[0].View.Slots);
            cluster[0].Kill();
            cluster.Restart(0);
            Assert.Equal((id, slots, 0), (cluster[0].View.Id, cluster[0].View.Slots, cluster[0].View.Keys.Count));
        });
    }

    [Fact]
    public void A_server_that_cannot_write_nodes_conf_ends_at_the_next_change()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            cluster[0].Setup.Volume.IsFull = true;
            await cluster.AskAsync(4, "CLUSTER", "FAILOVER", "TAKEOVER");
            Assert.True(await cluster.EventuallyAsync(() => !cluster[0].IsRunning, 5));
            Assert.Equal("Fatal: can't update cluster config file.", cluster[0].End!.Message);
        });
    }

    [Fact]
    public void Keys_of_slots_that_were_lost_to_a_newer_epoch_are_deleted()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 0);
            var key = cluster.KeyOf(0);
            var slot = SlotHash.Of(key);
            await cluster.AskAsync(0, "SET", key, "value");
            await cluster.AskAsync(1, "CLUSTER", "SETSLOT", slot, "IMPORTING", cluster[0].View.Id);
            await cluster.AskAsync(1, "CLUSTER", "SETSLOT", slot, "NODE", cluster[1].View.Id);
            Assert.True(await cluster.EventuallyAsync(() => !cluster[0].View.Slots.Contains(slot), 5));
            Assert.Equal(0, cluster[0].View.Keys.Count);
            Assert.True(cluster[0].View.HoldsPrefixOfHistory);
        });
    }

    [Fact]
    public void A_handover_loses_no_write_while_clients_write()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var cluster = new SimulatedCluster(seed);
            cluster.Simulator.Run(async () =>
            {
                await cluster.FormAsync(3, 1);
                var key = cluster.KeyOf(0);
                var acknowledged = 0;
                Task? handover = null;
                for (var number = 1; cluster[0].View.IsMaster; number++)
                {
                    if (number == 10)
                    {
                        handover = cluster.AskAsync(3, "CLUSTER", "FAILOVER");
                    }

                    if (await cluster.TextAsync(0, "SET", key, number) == "OK")
                    {
                        acknowledged = number;
                    }
                }

                await handover!;
                Assert.True(cluster[3].View.IsMaster);
                Assert.True(cluster[3].View.Keys.TryGet(key, out var value));
                Assert.Equal(acknowledged.ToString(System.Globalization.CultureInfo.InvariantCulture), value.Text);
            });
        }
    }

    [Fact]
    public void A_command_can_be_kept_from_taking_effect_or_from_being_answered()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 0);
            var key = cluster.KeyOf(0);
            foreach (var interruption in new[] { Interruption.BeforeEffect, Interruption.AfterEffect })
            {
                cluster.World.Judge = seen => seen.Command.Name == "SET" ? interruption : Interruption.None;
                var broken = await Assert.ThrowsAsync<RedisConnectionException>(() => cluster.AskAsync(0, "SET", key, "value"));
                Assert.True(broken.MayHaveBeenCarriedOut);
                Assert.Equal(interruption == Interruption.AfterEffect, cluster[0].View.Keys.TryGet(key, out _));
            }
        });
    }

    [Fact]
    public void Nobody_at_the_port_refuses_and_a_gone_address_is_silent()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(1, 0);
            cluster[0].Kill();
            var refused = await Assert.ThrowsAsync<RedisConnectionException>(() => cluster.AskAsync(0, "PING"));
            await Assert.ThrowsAsync<RedisConnectionException>(() => cluster.AskAsync(0, "PING"));
            cluster.World.RemoveAddress(cluster[0].Address);
            var silent = await Assert.ThrowsAsync<RedisTimeoutException>(() => cluster.AskAsync(0, "PING"));
            Assert.False(silent.MayHaveBeenCarriedOut);
            Assert.NotNull(refused);
        });
    }

    [Fact]
    public void A_server_that_stands_still_answers_later()
    {
        var cluster = new SimulatedCluster();
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(1, 0);
            cluster[0].IsPaused = true;
            var answer = cluster.TextAsync(0, "PING");
            await cluster.WaitAsync(3);
            Assert.False(answer.IsCompleted);
            cluster[0].IsPaused = false;
            Assert.Equal("PONG", await answer);
        });
    }
}
