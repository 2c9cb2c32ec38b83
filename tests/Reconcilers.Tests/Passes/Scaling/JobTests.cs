using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>Servers that move slots by themselves, as Valkey 9 does.</summary>
public sealed class JobTests
{
    [Theory]
    [InlineData(3, 5)]
    [InlineData(5, 3)]
    public async Task Ends_in_the_new_shape_with_every_key(int before, int after)
    {
        var world = await StartedAsync(before);
        await world.ChangeAsync(spec => spec with { Shards = after });

        await FinishAsync(world);

        Shapes.AssertShape(world, after, 1);
        Assert.DoesNotContain(world.Redis.Writes, write => write.Contains("SETSLOT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_job_moves_is_not_planned_again()
    {
        var world = await StartedAsync(1);
        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await Shapes.RunAsync(world, 10);

        var job = Assert.Single(world.Redis.Servers.SelectMany(server => server.Jobs));
        Assert.Equal(8192, job.Slots.Count);
        Assert.Equal(8192, world.Status.Operation!.SlotsRemaining);
        Assert.Contains("the servers are moving 8192 slots", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_no_longer_wanted_is_cancelled()
    {
        var world = await StartedAsync(1);
        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await Shapes.RunAsync(world, 10);
        var job = Assert.Single(world.Redis.Servers.SelectMany(server => server.Jobs));

        await world.ChangeAsync(spec => spec with { Shards = 1 });
        await world.SettleAsync();

        Assert.Equal("cancelled", job.State);
        Assert.Equal(SlotSet.Full, world.Server("orders-0-0").Slots);
        Shapes.AssertShape(world, 1, 1);
    }

    static async Task<ClusterWorld> StartedAsync(int shards)
    {
        var world = await Shapes.FilledAsync(shards, 1);
        world.Redis.HasValkeyJobs = true;
        return world;
    }

    /// <summary>Every job is done two rounds after it was begun.</summary>
    static async Task FinishAsync(ClusterWorld world)
    {
        for (var round = 0; round < 15; round++)
        {
            await Shapes.RunAsync(world, 2);
            foreach (var server in world.Redis.Servers.ToList())
            {
                foreach (var job in server.Jobs.Where(job => job.IsRunning).ToList())
                {
                    server.FinishJob(job);
                }
            }
        }

        await world.SettleAsync();
    }
}
