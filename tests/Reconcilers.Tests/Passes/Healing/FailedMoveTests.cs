using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Moves by the servers themselves that fail: said once each, tried again later and later, never spinning (valkey-operator #444).</summary>
public sealed class FailedMoveTests
{
    const string Note = "slotwise.dev/move-retry";

    [Fact]
    public async Task A_failed_job_is_reported_and_tried_again_later_and_later()
    {
        var world = await ScalingOutAsync();
        await StartAsync(world);
        var tries = new List<DateTimeOffset>();
        for (var second = 0; second < 400; second++)
        {
            foreach (var job in Jobs(world).Where(job => job.IsRunning).ToList())
            {
                tries.Add(world.Time.GetUtcNow());
                world.Redis.Servers.Single(server => server.Id == job.Source).EndJob(job, "failed", "connection lost");
            }

            await world.PassAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        // Both shards give slots away: at 0, 10, 30, 70, 150 and 310 seconds.
        Assert.InRange(tries.Count, 8, 13);
        Assert.Equal("MoveFailed", world.Condition("Stalled").Reason);
        Assert.Contains("connection lost", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.InRange(world.Events.Count(entry => entry.StartsWith("Warning MoveFailed", StringComparison.Ordinal)), 1, tries.Count);
        world.Ledger.AssertServed();
    }

    [Fact]
    public async Task After_a_success_the_failures_are_forgotten()
    {
        var world = await ScalingOutAsync();
        await StartAsync(world);
        foreach (var job in Jobs(world).ToList())
        {
            world.Redis.Servers.Single(server => server.Id == job.Source).EndJob(job, "failed", "out of memory");
        }

        await world.PassAsync();
        Assert.NotNull(world.Note("orders-0", Note) ?? world.Note("orders-1", Note));
        for (var round = 0; round < 60; round++)
        {
            foreach (var job in Jobs(world).Where(job => job.IsRunning).ToList())
            {
                world.Redis.Servers.Single(server => server.Id == job.Source).FinishJob(job);
            }

            await world.PassAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await world.SettleAsync();
        Assert.Null(world.Note("orders-0", Note) ?? world.Note("orders-1", Note));
        Assert.Equal("False", world.Condition("Stalled").Status);
        world.Ledger.AssertWhole(3, 0);
    }

    /// <summary>Redis tries a failed import again every second for ever, whatever was decided meanwhile.</summary>
    [Fact]
    public async Task A_failed_task_of_Redis_is_told_to_stop_and_tried_again_later()
    {
        var world = await ScalingOutAsync();
        world.Redis.HasValkeyJobs = false;
        world.Redis.HasRedisTasks = true;
        for (var round = 0; round < 30 && !Tasks(world).Any(); round++)
        {
            await world.RoundAsync();
        }

        var task = Tasks(world).Single();
        world.Redis.Servers.Single(server => server.Id == task.Target).EndJob(task, "failed", "lost connection to source");
        await world.PassAsync();
        Assert.Equal("canceled", task.State);
        Assert.Contains("lost connection to source", world.Condition("Stalled").Message, StringComparison.Ordinal);
        var cancellations = Cancellations(world);
        for (var round = 0; round < 5; round++)
        {
            await world.RoundAsync();
        }

        Assert.Equal(cancellations, Cancellations(world));
        Assert.DoesNotContain(Tasks(world), other => other != task && other.Source == task.Source);
    }

    static int Cancellations(ClusterWorld world) => world.Redis.Writes.Count(write => write.Contains("MIGRATION CANCEL", StringComparison.Ordinal));

    static IEnumerable<ModelJob> Tasks(ClusterWorld world) => world.Redis.Servers.SelectMany(server => server.Tasks);

    static async Task<ClusterWorld> ScalingOutAsync()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2, replicas: 0);
        world.Redis.HasValkeyJobs = true;
        await world.ChangeAsync(spec => spec with { Shards = 3 });
        return world;
    }

    static async Task StartAsync(ClusterWorld world)
    {
        for (var round = 0; round < 30 && !Jobs(world).Any(); round++)
        {
            await world.PassAsync();
            await world.RunKubeletAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.NotEmpty(Jobs(world));
    }

    static IEnumerable<ModelJob> Jobs(ClusterWorld world) => world.Redis.Servers.SelectMany(server => server.Jobs);
}
