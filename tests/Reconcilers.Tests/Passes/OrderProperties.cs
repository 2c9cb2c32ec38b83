using FsCheck;
using FsCheck.Fluent;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes;

/// <summary>Nobody promises in which order pods come up, gossip travels and passes run.</summary>
public sealed class OrderProperties
{
    const int Shards = 2;

    enum Happening
    {
        Pass,
        Gossip,
        StartPods,
        LosePod,
        ASecond,
    }

    [Fact]
    public void No_slot_ever_has_two_owners_and_in_the_end_there_is_a_cluster() =>
        Prop.ForAll(Gen.Elements(Enum.GetValues<Happening>()).ListOf().ToArbitrary(), happenings => HoldsAsync([.. happenings])).QuickCheckThrowOnFailure();

    static async Task HoldsAsync(IReadOnlyList<Happening> happenings)
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster(Shards));
        foreach (var happening in happenings)
        {
            await HappenAsync(world, happening);
            AssertOneOwner(world);
        }

        await world.RunKubeletAsync();
        await world.SettleAsync();
        Assert.Equal(SlotSet.Full, world.Redis.Servers.Aggregate(SlotSet.Empty, (all, server) => all.Union(server.Slots)));
    }

    static async Task HappenAsync(ClusterWorld world, Happening happening)
    {
        switch (happening)
        {
            case Happening.Pass:
                await world.PassAsync();
                break;
            case Happening.Gossip:
                world.Redis.Gossip();
                break;
            case Happening.StartPods:
                await world.RunKubeletAsync();
                break;
            case Happening.LosePod when world.FirstPodWithoutSlots() is { } pod:
                await world.DeletePodAsync(pod);
                break;
            default:
                world.Time.Advance(TimeSpan.FromSeconds(1));
                break;
        }
    }

    static void AssertOneOwner(ClusterWorld world)
    {
        var owned = SlotSet.Empty;
        foreach (var server in world.Redis.Servers)
        {
            Assert.False(owned.Overlaps(server.Slots), "a slot has two owners");
            owned = owned.Union(server.Slots);
        }
    }
}
