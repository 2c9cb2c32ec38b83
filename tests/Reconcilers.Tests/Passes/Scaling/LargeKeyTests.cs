using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>Keys for which two servers stand still.</summary>
public sealed class LargeKeyTests
{
    const string NodeTimeout = "cluster-node-timeout";
    const string Configured = "15000";

    [Fact]
    public async Task All_nodes_are_patient_while_a_large_key_moves_and_only_then()
    {
        var world = await FilledAsync();
        var large = LargeKeyOf(world, megabytes: 400);
        List<string> during = [];
        world.Redis.BeforeWrite = command =>
        {
            var isLarge = command.Name == "MIGRATE" && Enumerable.Range(0, command.Arguments.Length).Any(index => command.ArgumentText(index) == large);
            if (isLarge)
            {
                Assert.Equal(Configured, world.Note("orders-1", ClusterMetadata.RaisedTimeoutAnnotation));
                during.AddRange(world.Redis.Servers.Select(server => server.Config[NodeTimeout]));
            }
        };

        await world.ChangeAsync(spec => spec with { Shards = 1 });
        await world.SettleAsync();

        Assert.Equal(4, during.Count);
        Assert.All(during, timeout => Assert.True(int.Parse(timeout, System.Globalization.CultureInfo.InvariantCulture) >= 30_000, $"{NodeTimeout} was {timeout}"));
        AssertRestored(world);
        world.Ledger.AssertWhole(1, 1);
        world.Ledger.AssertServed();
    }

    [Fact]
    public async Task A_key_that_would_take_too_long_stays_and_the_user_is_told()
    {
        var world = await FilledAsync();
        var large = LargeKeyOf(world, megabytes: 4000);
        var slot = SlotHash.Of(large);

        await world.ChangeAsync(spec => spec with { Shards = 1 });
        for (var round = 0; round < 15; round++)
        {
            await world.RoundAsync();
        }

        var server = world.Redis.Servers.Single(candidate => candidate.MasterId is null && candidate.Slots.Contains(slot));
        Assert.Equal([slot], server.Slots);
        Assert.Equal("KeyTooLarge", world.Condition("Stalled").Reason);
        Assert.Contains($"slot {slot}", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.DoesNotContain(large, world.Condition("Stalled").Message, StringComparison.Ordinal);
        AssertRestored(world);
        world.Ledger.AssertServed();
    }

    /// <summary>Law 8: whatever was raised is lowered again by whoever comes next.</summary>
    [Fact]
    public async Task An_operator_that_dies_at_any_write_leaves_no_raised_timeout()
    {
        for (var crash = 1; ; crash++)
        {
            var world = await FilledAsync();
            LargeKeyOf(world, megabytes: 400);
            var writes = 0;
            var hasCrashed = false;
            world.Redis.BeforeWrite = _ => Count();
            world.Redis.AfterWrite = _ => Count();
            world.Api.BeforeWrite = Count;
            world.Api.AfterWrite = Count;

            await world.ChangeAsync(spec => spec with { Shards = 1 });
            await world.SettleThroughCrashesAsync();

            AssertRestored(world);
            world.Ledger.AssertServed();
            if (!hasCrashed)
            {
                return;
            }

            // Only around the large key: crashes anywhere else are enumerated by other tests.
            void Count()
            {
                var isRaised = world.Note("orders-1", ClusterMetadata.RaisedTimeoutAnnotation) is not null
                    || world.Redis.Servers.Any(server => server.Config[NodeTimeout] != Configured);
                if (!hasCrashed && isRaised && ++writes == crash)
                {
                    hasCrashed = true;
                    throw new OperatorCrashedException();
                }
            }
        }
    }

    static async Task<ClusterWorld> FilledAsync()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster(shards: 2, replicas: 1));
        await world.SettleAsync();
        world.Fill(20);
        return world;
    }

    /// <summary>Makes a key of the second shard, which is to go, say that it is large.</summary>
    static string LargeKeyOf(ClusterWorld world, long megabytes)
    {
        var server = world.Redis.Servers.First(candidate => candidate.MasterId is null && candidate.Slots.Contains(SlotSet.SlotCount - 1));
        var key = world.Ledger.Keys.First(candidate => server.Slots.Contains(SlotHash.Of(candidate)));
        world.Redis.LargeKeys[key] = megabytes << 20;
        return key;
    }

    static void AssertRestored(ClusterWorld world)
    {
        Assert.All(world.Redis.Servers, server => Assert.Equal(Configured, server.Config[NodeTimeout]));
        Assert.All(world.Caches.StatefulSets.List(), set => Assert.False(set.Metadata.Annotations?.ContainsKey(ClusterMetadata.RaisedTimeoutAnnotation) == true));
    }
}
