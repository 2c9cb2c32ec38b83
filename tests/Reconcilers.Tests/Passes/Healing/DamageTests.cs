using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Every damage alone, with operators that die, and together with damage that cannot be healed.</summary>
public sealed class DamageTests
{
    public static TheoryData<int> Damages => [.. Enumerable.Range(0, Damage.All.Count)];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Every_damage_is_healed_and_every_key_is_there(int damage)
    {
        var world = await DamagedAsync(damage);

        await world.SettleAsync();

        AssertHealed(world);
    }

    /// <summary>Law 8: the operator may die before and after every single write.</summary>
    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Every_damage_is_healed_by_operators_that_die(int damage)
    {
        var undisturbed = await DamagedAsync(damage, shards: 2);
        var before = undisturbed.Writes;
        await undisturbed.SettleAsync();
        var writes = undisturbed.Writes - before;

        for (var write = 1; write <= writes; write++)
        {
            foreach (var isAfter in (bool[])[false, true])
            {
                var world = await DamagedAsync(damage, shards: 2);
                var crashes = Crashes.At(world, write, isAfter);
                await world.SettleThroughCrashesAsync();
                Assert.InRange(crashes(), 0, 1);
                AssertHealed(world, shards: 2);
            }
        }
    }

    /// <summary>A rung that cannot succeed never starves another: two masters hold different keys of a slot, which only the user can settle.</summary>
    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_cannot_be_healed_keeps_nothing_else_from_being_healed(int damage)
    {
        var world = await HealthyCluster.CreateAsync();
        Conflict(world);
        await Damage.All[damage].DoAsync(world);

        await world.RunAsync();
        await world.RunAsync();

        Assert.Equal("True", world.Condition("Stalled").Status);
        Assert.Equal("False", world.Condition("Ready").Status);
        Assert.Contains("slots 16000", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Resolve(world);
        world.Ledger.AssertNoKeyLost();

        // Everything else is healed already: only the slot is left.
        var writes = world.Redis.Writes.Count;
        await world.SettleAsync();
        Assert.All(world.Redis.Writes.Skip(writes), write => Assert.Contains("16000", write, StringComparison.Ordinal));
        AssertHealed(world);
    }

    /// <summary>A server that does not answer stops only what it matters for.</summary>
    [Fact]
    public async Task Other_shards_are_healed_while_one_is_silent()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-2-1").IsCutOff = true;
        var source = world.Server("orders-0-0");
        var target = world.Server("orders-1-0");
        source.Open(100, migratingTo: target.Id);
        target.Open(100, importingFrom: source.Id);
        world.Ledger.WriteTo(target, world.Ledger.NewKey(100));
        world.Server("orders-1-1").Follow(source);

        await world.RunAsync();

        Assert.True(target.Slots.Contains(100) && target.Importing.IsEmpty && source.Migrating.IsEmpty);
        Assert.Equal(target.Id, world.Server("orders-1-1").MasterId);
        world.Ledger.AssertNoKeyLost();
    }

    static async Task<ClusterWorld> DamagedAsync(int damage, int shards = 3)
    {
        var world = await HealthyCluster.CreateAsync(shards);
        await Damage.All[damage].DoAsync(world);
        return world;
    }

    static void AssertHealed(ClusterWorld world, int shards = 3)
    {
        world.Redis.Stop("10.7.7.7");
        world.Ledger.AssertWhole(shards, 1);
    }

    static void Conflict(ClusterWorld world)
    {
        var owner = world.Server("orders-2-0");
        foreach (var other in new[] { world.Server("orders-0-0"), world.Server("orders-1-0") })
        {
            other.Open(16000, importingFrom: owner.Id);
            world.Ledger.WriteTo(other, world.Ledger.NewKey(16000));
        }

        world.Redis.Replicate();
    }

    /// <summary>The user deletes the keys of one of the two.</summary>
    static void Resolve(ClusterWorld world)
    {
        foreach (var server in world.Redis.Servers.Where(server => server.MasterId is null && !server.Slots.Contains(16000)).Skip(1))
        {
            server.Data.RemoveSlots(Redis.SlotSet.Of(16000));
            world.Ledger.Forget(Redis.SlotSet.Of(16000));
        }
    }
}
