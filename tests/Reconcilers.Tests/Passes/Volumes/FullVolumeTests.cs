using Slotwise.Entities;
using Slotwise.Reconcilers.Tests.Passes.Scaling;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Volumes;

/// <summary>Volumes that are nearly full are a condition, and full ones get no keys from others.</summary>
public sealed class FullVolumeTests
{
    [Theory]
    [InlineData(80, "NearlyFull", "orders-1-0 (80 % or more)")]
    [InlineData(95, "Full", "orders-1-0 (95 % or more")]
    public async Task A_volume_that_is_nearly_full_is_a_condition(int percent, string reason, string words)
    {
        var world = await StoredAsync();
        Assert.Equal(("False", "HasRoom"), (world.Condition("VolumeNearlyFull").Status, world.Condition("VolumeNearlyFull").Reason));

        Report(world, "orders-1-0", percent);
        await world.PassAsync();

        Assert.Equal(("True", reason), (world.Condition("VolumeNearlyFull").Status, world.Condition("VolumeNearlyFull").Reason));
        Assert.Contains(words, world.Condition("VolumeNearlyFull").Message, StringComparison.Ordinal);
        Assert.Contains("spec.storage.size, which is 1Gi", world.Condition("VolumeNearlyFull").Message, StringComparison.Ordinal);
        Assert.Equal("True", world.Condition("Ready").Status);
        var writes = world.Writes;
        await world.PassAsync();
        Assert.Equal(writes, world.Writes);

        Report(world, "orders-1-0", null);
        await world.PassAsync();
        Assert.Equal("False", world.Condition("VolumeNearlyFull").Status);
    }

    [Fact]
    public async Task No_slot_moves_to_a_shard_with_a_full_volume_until_it_has_room()
    {
        var world = await StoredAsync();
        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await Shapes.RunAsync(world, 3);
        foreach (var pod in (string[])["orders-2-0", "orders-2-1"])
        {
            Report(world, pod, 95);
        }

        var owned = world.Server("orders-2-0").Slots;
        await Shapes.RunAsync(world, 10);
        Assert.Equal(owned, world.Server("orders-2-0").Slots);
        Assert.Contains("no slot moves to shard 2: the volume of orders-2-0", world.Condition("Reconciling").Message, StringComparison.Ordinal);

        Report(world, "orders-2-0", 80);
        Report(world, "orders-2-1", null);
        await world.SettleAsync();
        Shapes.AssertShape(world, 3, 1);
    }

    [Fact]
    public async Task A_cluster_without_volumes_has_no_such_condition()
    {
        var world = await Shapes.FilledAsync(2, 1);
        Report(world, "orders-1-0", 95);
        await world.PassAsync();

        Assert.DoesNotContain(world.Status.Conditions, condition => condition.Type == "VolumeNearlyFull");
    }

    /// <summary>What the liveness probe leaves.</summary>
    static void Report(ClusterWorld world, string pod, int? percent) =>
        world.Server(pod).Config["proc-title-template"] = $"{{title}} {{listen-addr}} {{server-mode}}{(percent is null ? "" : $" volume {percent}% full")}";

    static Task<ClusterWorld> StoredAsync() => Shapes.FilledAsync(2, 1, spec => spec with { Storage = new RedisClusterStorage { Size = "1Gi" } });
}
