using Slotwise.Redis.SlotMoves;

namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Key by key between real servers.</summary>
public sealed class SetSlotMoverTests
{
    static readonly SlotSet Some = SlotSet.FromRange(0, 399);

    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task Slots_and_the_keys_of_every_type_change_their_owner(string product, string version)
    {
        await using var cluster = await MovingCluster.StartAsync(product, version);
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        var keys = await KeysOfEveryType.WriteAsync(source, Some);

        Assert.Empty(await cluster.MoveAsync(0, 1, Some));

        await cluster.AssertOwnerAsync(1, 0, Some);
        await keys.AssertAsync(target);

        Assert.Empty(await cluster.MoveAsync(1, 0, Some));

        await cluster.AssertOwnerAsync(0, 1, Some);
        await keys.AssertAsync(source);
    }

    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task Thousands_of_empty_slots_take_a_handful_of_round_trips(string product, string version)
    {
        await using var cluster = await MovingCluster.StartAsync(product, version);
        var source = await cluster.EndAsync(0);
        await using var giver = new CountingSession(source.Session);
        var target = await cluster.EndAsync(1);
        await using var taker = new CountingSession(target.Session);
        var slots = SlotSet.FromRange(4000, 8095);
        var move = new SlotMove
        {
            Source = source with { Session = giver },
            Target = target with { Session = taker },
            Slots = slots,
            MaxStall = TimeSpan.FromSeconds(1),
            Slice = TimeSpan.FromSeconds(30),
        };

        var result = await new SetSlotMover(TimeProvider.System).MoveAsync(move, CancellationToken.None);
        Assert.Empty(result.Obstacles);

        // a source that has not heard of its loss in time agrees in the next call
        Assert.Equal(slots, (await new SetSlotMover(TimeProvider.System).MoveAsync(move, CancellationToken.None)).Moved);

        // six for each thousand slots, and both calls look where they are first
        Assert.InRange(giver.Batches + taker.Batches, 1, 40);
        await cluster.AssertOwnerAsync(1, 0, slots);
    }

    /// <summary>A slot that is imported is not rebound by gossip, and a server refuses keys of a slot that has no owner in its table.</summary>
    [Fact]
    public async Task A_target_that_lost_track_of_the_owner_is_told()
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0");
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        var slot = SlotSet.Of(SlotHash.Of("lost"));
        await source.ExecuteAsync(new RedisCommand("SET", "lost", "found"));
        var replies = await target.ExecuteAsync([ClusterCommands.DelSlotsRange(slot), ClusterCommands.SetSlotImporting(slot.NextSlot(0), cluster.Ids[0])]);
        Assert.All(replies, reply => Assert.False(reply.IsError));

        Assert.Empty(await cluster.MoveAsync(0, 1, slot));

        await cluster.AssertOwnerAsync(1, 0, slot);
        Assert.Equal("found", (await target.ExecuteAsync([new RedisCommand("GET", "lost")]))[0].AsText());
    }
}
