using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Failover;

/// <summary>What is noted of where nodes run.</summary>
public sealed class WhereaboutsTests
{
    [Fact]
    public async Task Every_node_is_noted_with_its_pod_and_host()
    {
        var world = await HealthyCluster.CreateAsync();

        var notes = Notes(world, "orders-1");

        Assert.Equal(
            [
                new MemberNote("orders-1-0", world.Pod("orders-1-0").Metadata.Uid!, "host-1", world.Server("orders-1-0").Id) { IsMaster = true },
                new MemberNote("orders-1-1", world.Pod("orders-1-1").Metadata.Uid!, "host-2", world.Server("orders-1-1").Id) { IsInSync = true },
            ],
            notes);
    }

    /// <summary>Law 7.</summary>
    [Fact]
    public async Task What_is_noted_is_not_noted_again()
    {
        var world = await HealthyCluster.CreateAsync();
        var writes = world.Writes;

        world.Time.Advance(TimeSpan.FromHours(1));
        await world.PassAsync();

        Assert.Equal(writes, world.Writes);
    }

    [Fact]
    public async Task A_replica_that_was_replaced_is_noted_and_the_former_one_forgotten()
    {
        var world = await HealthyCluster.CreateAsync();
        var former = world.Server("orders-0-1").Id;

        await world.DeletePodAsync("orders-0-1");
        await world.SettleAsync();

        var notes = Notes(world, "orders-0");
        Assert.Equal(2, notes.Count);
        Assert.DoesNotContain(notes, note => note.Id == former);
        Assert.Equal(world.Pod("orders-0-1").Metadata.Uid, notes[1].PodUid);
    }

    [Fact]
    public async Task A_zone_with_most_masters_is_told_of()
    {
        var world = await HealthyCluster.CreateAsync();
        Assert.Equal("True", world.Condition("QuorumSafe").Status);
        await world.Hosts.MoveAsync("host-1", "zone-0");

        await world.PassAsync();

        Assert.Equal(("False", "OneZone"), (world.Condition("QuorumSafe").Status, world.Condition("QuorumSafe").Reason));
        Assert.Contains("zone zone-0 runs 2 of 3 masters", world.Condition("QuorumSafe").Message, StringComparison.Ordinal);
    }

    static IReadOnlyList<MemberNote> Notes(ClusterWorld world, string set) =>
        MemberNote.ReadAll(world.Caches.StatefulSets.Get(new Kubernetes.Models.NamespacedName("default", set)));
}
