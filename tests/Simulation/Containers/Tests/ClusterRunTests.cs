using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Simulation.Containers.Tests;

public sealed class ClusterRunTests
{
    [Fact]
    public void A_cluster_forms_and_becomes_Ready_and_a_seed_decides_how()
    {
        Assert.Equal(Form(1), Form(1));
        Assert.NotEqual(Form(1), Form(2));
    }

    [Fact]
    public void A_deleted_pod_comes_back_at_another_address_and_the_cluster_becomes_Ready_again()
    {
        var run = new ClusterRun();
        run.Run(shards: 3, replicas: 1, hasStorage: true, async () =>
        {
            var master = run.MasterOf(0);
            var address = run.Server(master).Address;
            await run.Kubernetes.User.DeleteAsync<V1Pod>("default", master, new DeleteOptions(), CancellationToken.None);
            await run.UntilAsync(() => !run.IsReady);
            await run.UntilAsync(() => run.IsReady);
            Assert.NotEqual(address, run.Server(master).Address);
        });
    }

    [Fact]
    public void A_master_whose_pod_is_deleted_hands_over_first()
    {
        var run = new ClusterRun();
        run.Run(shards: 3, replicas: 1, hasStorage: false, async () =>
        {
            var master = run.MasterOf(0);
            var server = run.Server(master);
            await run.Kubernetes.User.DeleteAsync<V1Pod>("default", master, new DeleteOptions(), CancellationToken.None);
            await run.UntilAsync(() => run.MasterOf(0) != master, within: 10);
            Assert.True(server.IsRunning);
            await run.UntilAsync(() => !server.IsRunning, within: 10);
            await run.UntilAsync(() => run.IsReady && run.Server(master) != server);
        });
    }

    /// <summary>What is on a volume lacks the last second, and its replica has that.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_master_that_is_killed_waits_at_its_gate_and_comes_back_as_a_replica(bool hasStorage)
    {
        var run = new ClusterRun();
        run.Run(shards: 3, replicas: 1, hasStorage, async () =>
        {
            var master = run.MasterOf(0);
            await Fill(run, master);
            var before = run.Containers.Find(master);
            run.Server(master).Kill();
            await run.UntilAsync(() => run.Containers.Find(master) != before);
            Assert.True(run.Containers.Find(master)!.Gate is { IsWaiting: true });
            await run.UntilAsync(() => run.Containers.Find(master)!.Server is not null);
            Assert.NotEqual(master, run.MasterOf(0));
            Assert.EndsWith("redis-replaced.conf", run.Server(master).Setup.ConfigFile, StringComparison.Ordinal);
            await run.UntilAsync(() => run.IsReady);
            Assert.Equal(1, run.Server(master).View.Keys.Count);
        });
    }

    [Fact]
    public void A_master_without_replicas_and_volume_starts_empty_and_says_so()
    {
        var run = new ClusterRun();
        run.Run(shards: 3, replicas: 0, hasStorage: false, async () =>
        {
            var master = run.MasterOf(1);
            var before = run.Containers.Find(master);
            run.Server(master).Kill();
            await run.UntilAsync(() => run.Containers.Find(master) != before && run.Containers.Find(master)!.Server is not null);
            Assert.EndsWith("redis-emptied.conf", run.Server(master).Setup.ConfigFile, StringComparison.Ordinal);
            await run.UntilAsync(() => run.IsReady);
        });
    }

    [Fact]
    public void A_server_on_a_full_volume_lives_through_a_failover_once_its_liveness_was_asked_for()
    {
        var run = new ClusterRun();
        run.Run(shards: 3, replicas: 1, hasStorage: true, async () =>
        {
            var full = run.Server(run.MasterOf(0));
            await run.PassAsync(10);
            full.Setup.Volume.IsFull = true;
            await run.PassAsync(10);
            await FailOver(run, shard: 1);
            Assert.True(full.IsRunning);
        });
    }

    [Fact]
    public void A_server_that_a_full_volume_ended_comes_back()
    {
        var run = new ClusterRun();
        run.Run(shards: 3, replicas: 1, hasStorage: true, async () =>
        {
            var pod = run.MasterOf(0);
            var full = run.Server(pod);
            await run.PassAsync(10);
            full.Setup.Volume.IsFull = true;
            await FailOver(run, shard: 1);
            Assert.False(full.IsRunning);
            await run.UntilAsync(() => run.Server(pod) is { IsRunning: true } server && server != full);
        });
    }

    static string Form(ulong seed)
    {
        var run = new ClusterRun(seed);
        run.Run(shards: 3, replicas: 1, hasStorage: false, () => Task.CompletedTask);
        return run.Simulator.Trace.Digest;
    }

    static async Task Fill(ClusterRun run, string master)
    {
        // {06S} is in slot 0
        await Tell(run, master, "SET", "{06S}", "1");
        await run.PassAsync(1);
    }

    /// <summary>All servers have heard of it when this returns.</summary>
    static async Task FailOver(ClusterRun run, int shard)
    {
        var master = run.MasterOf(shard);
        await Tell(run, run.Redis.Running.First(server => server.Name != master && server.Name.StartsWith($"orders-{shard}-", StringComparison.Ordinal)).Name, "CLUSTER", "FAILOVER");
        await run.UntilAsync(() => run.MasterOf(shard) != master);
        await run.PassAsync(2);
    }

    static async Task Tell(ClusterRun run, string pod, params Slotwise.Redis.RedisArgument[] command)
    {
        var session = await run.Redis.NodesFor("client").OpenAsync(new Slotwise.Redis.RedisEndpoint(run.Server(pod).Address, 6379), null, TimeSpan.FromSeconds(1), CancellationToken.None);
        var replies = await session.ExecuteAsync([new Slotwise.Redis.RedisCommand(command)], TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.False(replies[0].IsError, replies[0].ToString());
    }
}
