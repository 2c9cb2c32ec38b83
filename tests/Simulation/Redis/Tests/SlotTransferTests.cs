using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Tests;

/// <summary>Moves of slots that servers carry out themselves.</summary>
public sealed class SlotTransferTests
{
    [Fact]
    public void A_job_of_Valkey_moves_slots_and_keys_at_once()
    {
        var cluster = new SimulatedCluster(1, ServerProfile.Valkey9);
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            var key = cluster.KeyOf(0);
            var slot = SlotHash.Of(key);
            await cluster.AskAsync(0, "SET", key, "value");
            Assert.Equal("OK", await cluster.TextAsync(0, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", cluster[1].View.Id));
            await cluster.AskAsync(0, "SET", key, "newer");
            Assert.True(await cluster.EventuallyAsync(() => cluster[1].View.Slots.Contains(slot), 5));
            await cluster.WaitAsync(1);
            Assert.Equal("newer", await cluster.TextAsync(1, "GET", key));
            Assert.StartsWith("(error) MOVED", await cluster.TextAsync(0, "GET", key), StringComparison.Ordinal);
            Assert.False(cluster[0].View.Keys.TryGet(key, out _));
            Assert.True(cluster[4].View.Keys.TryGet(key, out _));
            Assert.Equal(SlotMoveJobState.Done, Assert.Single(SlotJobCommands.ValkeyJobs.Read(await cluster.AskAsync(0, "CLUSTER", "GETSLOTMIGRATIONS"))).State);
            Assert.Equal("(error) ERR No migrations ongoing", await cluster.TextAsync(0, "CLUSTER", "CANCELSLOTMIGRATIONS"));
        });
    }

    [Fact]
    public void A_job_fails_when_its_target_ends_and_nothing_is_lost()
    {
        var cluster = new SimulatedCluster(1, ServerProfile.Valkey9);
        cluster.World.SyncMinimum = TimeSpan.FromSeconds(1);
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            var key = cluster.KeyOf(0);
            var slot = SlotHash.Of(key);
            await cluster.AskAsync(0, "SET", key, "value");
            await cluster.AskAsync(0, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", cluster[1].View.Id);
            await cluster.WaitAsync(0.1);
            cluster[1].Kill();
            await cluster.WaitAsync(2);
            Assert.Equal(SlotMoveJobState.Failed, Assert.Single(SlotJobCommands.ValkeyJobs.Read(await cluster.AskAsync(0, "CLUSTER", "GETSLOTMIGRATIONS"))).State);
            Assert.Equal("value", await cluster.TextAsync(0, "GET", key));
        });
    }

    [Fact]
    public void A_task_of_Redis_moves_slots_and_is_tried_again_until_it_is_cancelled()
    {
        var cluster = new SimulatedCluster(1, ServerProfile.Redis84);
        cluster.Simulator.Run(async () =>
        {
            await cluster.FormAsync(3, 1);
            var key = cluster.KeyOf(0);
            var slot = SlotHash.Of(key);
            await cluster.AskAsync(0, "SET", key, "value");
            await cluster.AskAsync(1, "CLUSTER", "MIGRATION", "IMPORT", slot, slot);
            Assert.True(await cluster.EventuallyAsync(() => cluster[1].View.Slots.Contains(slot), 5));
            await cluster.WaitAsync(1);
            Assert.Equal("value", await cluster.TextAsync(1, "GET", key));
            Assert.Equal("(error) ERR this node is already the owner of the slot range", await cluster.TextAsync(1, "CLUSTER", "MIGRATION", "IMPORT", slot, slot));

            cluster[0].Kill();
            var id = await cluster.TextAsync(1, "CLUSTER", "MIGRATION", "IMPORT", 0, 0);
            await cluster.WaitAsync(5);
            var task = SlotJobCommands.RedisTasks.Read(await cluster.AskAsync(1, "CLUSTER", "MIGRATION", "STATUS", "ALL")).Single(job => job.Id == id);
            Assert.NotEqual(SlotMoveJobState.Done, task.State);
            Assert.Equal("1", await cluster.TextAsync(1, "CLUSTER", "MIGRATION", "CANCEL", "ID", id));
            task = SlotJobCommands.RedisTasks.Read(await cluster.AskAsync(1, "CLUSTER", "MIGRATION", "STATUS", "ALL")).Single(job => job.Id == id);
            Assert.Equal(SlotMoveJobState.Cancelled, task.State);
        });
    }
}
