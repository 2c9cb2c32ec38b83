using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.Passes.Rolling;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Configuration;

/// <summary>What servers take while they run is set while they run; what they refuse changes nothing; and what they take only when they start replaces pods.</summary>
public sealed class LiveConfigurationTests
{
    [Fact]
    public async Task A_live_directive_is_set_on_every_server_and_stands_in_the_file_and_no_pod_is_replaced()
    {
        var world = await Rolls.FilledAsync(3, 1);
        var before = Rolls.Uids(world);

        await SetAsync(world, ("maxmemory-policy", "allkeys-lru"), ("hz", 20));
        await world.SettleAsync();

        Assert.All(world.Redis.Servers, server => Assert.Equal(("allkeys-lru", "20"), (server.Config["maxmemory-policy"], server.Config["hz"])));
        Assert.Contains("\nmaxmemory-policy allkeys-lru\n", world.RedisConf, StringComparison.Ordinal);
        Assert.Equal(before, Rolls.Uids(world));
        Assert.Single(world.Events, line => line.StartsWith("Normal Configured: set hz, maxmemory-policy on 6 running servers", StringComparison.Ordinal));
    }

    /// <summary>A container that is restarted in place reads the file.</summary>
    [Theory]
    [InlineData("maxmemory-samples", "many", "argument couldn't be parsed into an integer")]
    [InlineData("maxmemory-policy", "sometimes", "argument(s) must be one of the following")]
    [InlineData("no-such-thing", "1", "Unknown option or number of arguments for CONFIG SET - 'no-such-thing'")]
    public async Task A_bad_value_changes_nothing_and_the_user_reads_the_servers_own_words(string name, string value, string words)
    {
        var world = await Rolls.FilledAsync(3, 1);
        var before = Rolls.Uids(world);
        var file = world.RedisConf;

        await SetAsync(world, ("hz", 20), (name, value));
        await Rolls.RunAsync(world, 10);

        Assert.Equal("BadConfig", world.Condition("Stalled").Reason);
        Assert.Contains(words, world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal(file, world.RedisConf);
        Assert.All(world.Redis.Servers, server => Assert.Equal("10", server.Config["hz"]));
        Assert.Equal(before, Rolls.Uids(world));
        await world.RestartContainerAsync("orders-1-1", keepsKeys: false);
        Assert.NotNull(world.Server("orders-1-1"));

        await SetAsync(world);
        await world.SettleAsync();
        Assert.Equal("False", world.Condition("Stalled").Status);
    }

    [Fact]
    public async Task A_bad_value_keeps_pods_from_being_replaced_no_longer_than_it_takes_to_hear_of_it()
    {
        var world = await Rolls.FilledAsync(2, 1);

        await world.ChangeAsync(spec => spec with { Image = Rolls.New, Config = With(spec, ("maxmemory-samples", "many")) });
        await Rolls.RunAsync(world, 100);

        Assert.All(world.Caches.Pods.List(), pod => Assert.Equal(Rolls.New, Rolls.ImageOf(pod)));
        Assert.Equal("BadConfig", world.Condition("Stalled").Reason);
    }

    [Fact]
    public async Task What_a_server_takes_only_when_it_starts_replaces_pods_and_stays_out_of_the_file()
    {
        var world = await Rolls.FilledAsync(2, 1);
        var oracle = RollOracle.Watch(world);

        await SetAsync(world, ("databases", 32), ("hz", 20));
        await world.SettleAsync(Rolls.Rounds);

        Assert.All(world.Redis.Servers, server => Assert.Equal(("32", "20"), (server.Config["databases"], server.Config["hz"])));
        Assert.DoesNotContain("databases", world.RedisConf, StringComparison.Ordinal);
        Assert.Equal(4, oracle.Ended.Count);
        Assert.Contains(world.Events, line => line.Contains("is replaced: configuration (databases)", StringComparison.Ordinal));

        await SetAsync(world);
        await world.SettleAsync(Rolls.Rounds);
        Assert.All(world.Redis.Servers, server => Assert.Equal(("16", "10"), (server.Config["databases"], server.Config["hz"])));
        Assert.Equal(8, oracle.Ended.Count);
    }

    [Fact]
    public async Task A_bad_value_of_what_a_server_takes_only_when_it_starts_takes_one_replica()
    {
        var world = await Rolls.FilledAsync(3, 1);
        var before = Rolls.Uids(world);
        RollOracle.Watch(world);

        await SetAsync(world, ("databases", "many"));
        await Rolls.RunAsync(world, 40);

        Assert.Equal(["orders-0-1"], before.Keys.Where(pod => before[pod] != world.Pod(pod).Metadata.Uid));
        Assert.Equal("CrashLoopBackOff", world.Condition("Stalled").Reason);
        Assert.Contains("argument couldn't be parsed into an integer", world.Condition("Stalled").Message, StringComparison.Ordinal);
        foreach (var pod in before.Keys.Where(pod => pod != "orders-0-1" && world.Server(pod).MasterId is not null))
        {
            await world.RestartContainerAsync(pod, keepsKeys: false);
            Assert.NotNull(world.Server(pod));
        }

        await SetAsync(world);
        await world.SettleAsync(Rolls.Rounds);
        Assert.Equal(["orders-0-1"], before.Keys.Where(pod => before[pod] != world.Pod(pod).Metadata.Uid));
    }

    [Fact]
    public async Task A_directive_that_is_taken_back_is_what_it_was_before()
    {
        var world = await Rolls.FilledAsync(2, 1);
        var before = Rolls.Uids(world);
        await SetAsync(world, ("maxmemory-samples", 9));
        await world.SettleAsync();

        await SetAsync(world);
        await world.SettleAsync();

        Assert.All(world.Redis.Servers, server => Assert.Equal("5", server.Config["maxmemory-samples"]));
        Assert.DoesNotContain("maxmemory-samples", world.RedisConf, StringComparison.Ordinal);
        Assert.Equal(before, Rolls.Uids(world));
    }

    /// <summary>Servers that were made with it never said what it is without; they do when they start.</summary>
    [Fact]
    public async Task A_directive_that_was_there_from_the_beginning_is_taken_back_by_replacing_pods()
    {
        var world = new ClusterWorld();
        var cluster = ClusterWorld.NewCluster(shards: 2);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Config = With(cluster.Spec, ("maxmemory-samples", 9), ("appendfsync", "no")) } });
        await world.SettleAsync();
        world.Time.Advance(TimeSpan.FromMinutes(2));
        var oracle = RollOracle.Watch(world);

        await SetAsync(world, ("maxmemory-samples", 9));
        await world.SettleAsync();
        Assert.All(world.Redis.Servers, server => Assert.Equal("everysec", server.Config["appendfsync"]));
        Assert.Empty(oracle.Ended);

        await SetAsync(world);
        await world.SettleAsync(Rolls.Rounds);
        Assert.All(world.Redis.Servers, server => Assert.Equal("5", server.Config["maxmemory-samples"]));
        Assert.Equal(4, oracle.Ended.Count);

        await SetAsync(world, ("maxmemory-samples", 7));
        await world.SettleAsync();
        Assert.All(world.Redis.Servers, server => Assert.Equal("7", server.Config["maxmemory-samples"]));
        Assert.Equal(4, oracle.Ended.Count);
    }

    /// <summary>Servers repeat some values in other words than they were given.</summary>
    [Theory]
    [InlineData("client-output-buffer-limit", "replica 512mb 64mb 60")]
    [InlineData("maxmemory", "100mb")]
    [InlineData("save", "\"\"")]
    public async Task A_value_that_servers_say_in_their_own_words_is_set_once(string name, string value)
    {
        var world = new ClusterWorld();
        var cluster = ClusterWorld.NewCluster(shards: 2);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Config = With(cluster.Spec, (name, value)) } });

        // Until a pass has nothing to do.
        await world.SettleAsync();
        await SetAsync(world);
        await Rolls.RunAsync(world, 100);
        await SetAsync(world, (name, value));
        await world.SettleAsync(Rolls.Rounds);

        Assert.InRange(world.Redis.Writes.Count(write => write.Contains("CONFIG SET", StringComparison.Ordinal)), 0, 12);
    }

    [Fact]
    public async Task A_server_that_somebody_changed_is_put_right()
    {
        var world = await Rolls.FilledAsync(2, 1);
        Assert.Equal([], world.Redis.Writes.Where(write => write.Contains("CONFIG SET", StringComparison.Ordinal)));
        world.Server("orders-1-1").Config["cluster-node-timeout"] = "777";

        await world.SettleAsync();

        Assert.Equal("2000", world.Server("orders-1-1").Config["cluster-node-timeout"]);
        Assert.Single(world.Redis.Writes, write => write.Contains("CONFIG SET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_somebody_changed_is_put_right_and_replaces_no_pod()
    {
        var world = await Rolls.FilledAsync(2, 1);
        var before = Rolls.Uids(world);
        var file = world.RedisConf;

        await world.SpoilRedisConfAsync("maxmemory-samples 3\nhz nonsense\n" + file.Replace("cluster-node-timeout 2000", "cluster-node-timeout 9999", StringComparison.Ordinal));
        await world.SettleAsync();

        Assert.Equal(file, world.RedisConf);
        Assert.Equal(before, Rolls.Uids(world));
    }

    [Fact]
    public async Task A_deleted_ConfigMap_comes_back_and_replaces_no_pod()
    {
        var world = await Rolls.FilledAsync(2, 1);
        await SetAsync(world, ("databases", 32));
        await world.SettleAsync(Rolls.Rounds);
        var before = Rolls.Uids(world);
        var file = world.RedisConf;

        await world.DeleteConfigMapAsync();
        await world.SettleAsync();

        Assert.Equal(file, world.RedisConf);
        Assert.Equal(before, Rolls.Uids(world));
    }

    /// <summary>A pod that may use less must do with less from the beginning, and one that may use more may do so when all may.</summary>
    [Theory]
    [InlineData("1Gi", "2Gi")]
    [InlineData("2Gi", "1Gi")]
    [InlineData(null, "1Gi")]
    [InlineData("1Gi", null)]
    public async Task Maxmemory_follows_the_memory_of_the_smallest_pod(string? from, string? to)
    {
        var world = new ClusterWorld();
        var cluster = ClusterWorld.NewCluster(shards: 2);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Resources = Memory(from) } });
        await world.SettleAsync();
        world.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.All(world.Redis.Servers, server => Assert.Equal(MaxMemory(from), server.Config["maxmemory"]));
        RollOracle.Watch(world);
        var smallest = new[] { MaxMemory(from), MaxMemory(to) }.Where(text => text != "0").Select(long.Parse).Min();

        await world.ChangeAsync(spec => spec with { Resources = Memory(to) });
        for (var round = 0; round < 60 && world.Caches.Pods.List().Any(pod => LimitOf(pod) != to); round++)
        {
            await world.RoundAsync();
            if (world.Caches.Pods.List().Any(pod => LimitOf(pod) is { } limit && MaxMemory(limit) == smallest.ToString(System.Globalization.CultureInfo.InvariantCulture)) && round > 3)
            {
                Assert.All(world.Caches.Pods.List().Where(pod => LimitOf(pod) is not null && world.Redis.Find(pod.Status!.PodIP!) is not null), pod =>
                    Assert.InRange(long.Parse(world.Server(pod.Metadata.Name!).Config["maxmemory"], System.Globalization.CultureInfo.InvariantCulture), 0, smallest));
            }
        }

        await world.SettleAsync(Rolls.Rounds);
        Assert.All(world.Redis.Servers, server => Assert.Equal(MaxMemory(to), server.Config["maxmemory"]));
        Assert.All(world.Caches.Pods.List(), pod => Assert.Equal(to, LimitOf(pod)));
    }

    [Fact]
    public async Task A_crash_at_any_write_leaves_a_file_that_servers_start_from()
    {
        for (var write = 1; ; write++)
        {
            var ended = 0;
            foreach (var isAfter in (bool[])[false, true])
            {
                var world = await Rolls.FilledAsync(1, 1);
                await SetAsync(world, ("maxmemory-samples", 9), ("databases", 32));
                var crashes = Crashes.At(world, write, isAfter);

                await world.SettleThroughCrashesAsync(Rolls.Rounds);

                Assert.All(world.Redis.Servers, server => Assert.Equal(("9", "32"), (server.Config["maxmemory-samples"], server.Config["databases"])));
                await SetAsync(world, ("databases", 32));
                await world.SettleThroughCrashesAsync(Rolls.Rounds);
                Assert.All(world.Redis.Servers, server => Assert.Equal("5", server.Config["maxmemory-samples"]));
                ended += crashes();
            }

            if (ended == 0)
            {
                Assert.InRange(write, 8, 100);
                return;
            }
        }
    }

    static SortedDictionary<string, IntOrString> With(RedisClusterSpec spec, params (string Name, IntOrString Value)[] directives)
    {
        var config = new SortedDictionary<string, IntOrString>(StringComparer.Ordinal);
        if (spec.Config.TryGetValue("cluster-node-timeout", out var timeout))
        {
            config["cluster-node-timeout"] = timeout;
        }

        foreach (var (name, value) in directives)
        {
            config[name] = value;
        }

        return config;
    }

    static Task SetAsync(ClusterWorld world, params (string Name, IntOrString Value)[] directives) => world.ChangeAsync(spec => spec with { Config = With(spec, directives) });

    static V1ResourceRequirements Memory(string? limit) => limit is null ? new() : new() { Limits = new SortedDictionary<string, Quantity> { ["memory"] = limit } };

    static string MaxMemory(string? limit) => limit is null ? "0" : ((long)(((Quantity)limit).Amount * 75 / 100)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    static string? LimitOf(V1Pod pod) => pod.Spec!.Containers.Single(container => container.Name == "redis").Resources?.Limits is { } limits && limits.TryGetValue("memory", out var limit) ? limit.ToString() : null;
}
