using Slotwise.Reconcilers.Planning.Rolling;

namespace Slotwise.Reconcilers.Tests.Passes.Rolling;

/// <summary>Other versions of the server: forward with every key, and back as long as the data allow it.</summary>
public sealed class UpgradeTests
{
    [Theory]
    [InlineData(3, 1, false, "redis:8.0")]
    [InlineData(1, 1, false, "redis:8.0")]
    [InlineData(1, 1, true, "redis:8.0")]
    [InlineData(1, 2, false, "redis:8.0")]
    [InlineData(1, 1, false, "valkey:8.1")]
    [InlineData(1, 0, true, "redis:8.0")]
    [InlineData(1, 1, false, "mirror/cache:stable")]
    public async Task An_upgrade_keeps_every_key_although_old_replicas_cannot_follow_new_masters(int shards, int replicas, bool hasVolumes, string image)
    {
        var world = await Rolls.FilledAsync(shards, replicas, hasVolumes);
        RollOracle.Watch(world);

        await Rolls.SetImageAsync(world, image);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, shards, replicas, image);
    }

    /// <summary>The trial is a replica; no master runs the new version yet.</summary>
    [Fact]
    public async Task An_upgrade_is_taken_back_before_the_first_new_master()
    {
        var world = await Rolls.FilledAsync(3, 1);
        await Rolls.SetImageAsync(world, "redis:8.0");
        while (world.Redis.Servers.All(server => server.Version.Format < 12))
        {
            await world.RoundAsync();
        }

        await Rolls.SetImageAsync(world, Rolls.Old);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, 3, 1, Rolls.Old);
    }

    [Theory]
    [InlineData(Rolls.Old)]
    [InlineData("valkey:8.1")]
    public async Task A_downgrade_that_cannot_read_the_masters_data_is_refused_before_anything_is_touched(string image)
    {
        var world = await Rolls.FilledAsync(3, 1);
        await Rolls.SetImageAsync(world, "redis:8.0");
        await world.SettleAsync(Rolls.Rounds);
        var before = Rolls.Uids(world);

        await Rolls.SetImageAsync(world, image);
        await Rolls.RunAsync(world, 20);

        Assert.Equal("DowngradeRefused", world.Condition("Stalled").Reason);
        Assert.Equal(before, Rolls.Uids(world));
        Assert.All(world.Caches.StatefulSets.List(), set => Assert.Equal("redis:8.0", set.Spec!.Template.Spec!.Containers.Single().Image));
        await Rolls.SetImageAsync(world, "redis:8.0");
        await world.SettleAsync();
        Assert.Equal(before, Rolls.Uids(world));
    }

    /// <summary>The name of an image may say nothing; then one replica finds out, and the masters serve on.</summary>
    [Fact]
    public async Task A_downgrade_under_a_name_that_says_nothing_takes_one_replica_and_is_taken_back()
    {
        var world = await Rolls.FilledAsync(3, 1);
        await Rolls.SetImageAsync(world, "mirror/cache:stable");
        await world.SettleAsync(Rolls.Rounds);
        var before = Rolls.Uids(world);

        await Rolls.SetImageAsync(world, "mirror/cache:old");
        await Rolls.RunAsync(world, 30);
        Assert.Equal(["orders-0-0"], before.Keys.Where(pod => before[pod] != world.Pod(pod).Metadata.Uid));
        Assert.Equal("DowngradeRefused", world.Condition("Stalled").Reason);

        await Rolls.SetImageAsync(world, "mirror/cache:stable");
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 3, 1, "mirror/cache:stable");
    }

    [Fact]
    public async Task A_version_that_is_not_known_stops_the_update_at_its_first_pod()
    {
        var world = await Rolls.FilledAsync(3, 1);
        var before = Rolls.Uids(world);

        await Rolls.SetImageAsync(world, "redis:6.2");
        await Rolls.RunAsync(world, 20);

        Assert.InRange(before.Keys.Count(pod => before[pod] != world.Pod(pod).Metadata.Uid), 0, 1);
        Assert.Equal("True", world.Condition("Stalled").Status);
        await Rolls.SetImageAsync(world, Rolls.Old);
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 3, 1, Rolls.Old);
    }

    [Theory]
    [InlineData("redis:7.0", "redis:7.0", true)]
    [InlineData("redis:8.0", "redis:7.0", true)]
    [InlineData("redis:7.0", "redis:8.0", false)]
    [InlineData("redis:7.0", "redis:7.2", false)]
    [InlineData("valkey:8.1", "redis:7.2", true)]
    [InlineData("valkey:8.1", "redis:7.4", false)]
    [InlineData("redis:7.2", "valkey:8.1", true)]
    [InlineData("redis:8.0", "valkey:9.0", false)]
    [InlineData("valkey:9.1", "valkey:9.0", true)]
    [InlineData("valkey:9.0", "redis:8.0", false)]
    [InlineData("valkey:8.1", "valkey:9.0", false)]
    public void Who_reads_what_whom_writes(string reader, string writer, bool expected) =>
        Assert.Equal(expected, ServerVersion.Expect(reader)!.Reads(ServerVersion.Expect(writer)!));

    [Theory]
    [InlineData("docker.io/library/redis:7.2.4-alpine", "Redis 7.2")]
    [InlineData("registry:5000/valkey/valkey:9.0@sha256:abc", "Valkey 9.0")]
    [InlineData("registry:5000/team/cache:latest", null)]
    [InlineData("redis:latest", null)]
    [InlineData("redis@sha256:abc", null)]
    public void What_the_name_of_an_image_lets_expect(string image, string? expected) => Assert.Equal(expected, ServerVersion.Expect(image)?.ToString());
}
