using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>What keeps a full volume from ending a server that has to save its nodes.conf (reserve.sh), with real ones.</summary>
public sealed class ReserveTests
{
    const int Mebibyte = 1 << 20;
    const int Size = 8 * Mebibyte;
    const int Volume = 48;

    [Theory]
    [MemberData(nameof(ScriptedCluster.Images), MemberType = typeof(ScriptedCluster))]
    public async Task It_is_made_goes_when_the_volume_is_full_and_comes_back_when_there_is_plenty_of_room(string shell, string product, string version)
    {
        await using var cluster = await StartAsync(shell, product, version, Volume);
        var pod = cluster[0, 0];
        Assert.Equal(Size, Reserve(pod).Length);

        Fill(pod);
        await ProbeAsync(pod);
        Assert.False(Reserve(pod).Exists);

        // with what was released there is room, and not plenty of it
        Shorten(pod, by: 16);
        await ProbeAsync(pod);
        Assert.False(Reserve(pod).Exists);

        Shorten(pod, by: 16);
        await ProbeAsync(pod);
        Assert.Equal(Size, Reserve(pod).Length);
        Assert.Empty(Directory.EnumerateFiles(pod.Data, "*.new"));
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task A_small_volume_is_left_to_the_data(string shell)
    {
        await using var cluster = await StartAsync(shell, "redis", "7.0", mebibytes: 24);
        Assert.False(Reserve(cluster[0, 0]).Exists);
    }

    /// <summary>The failover of one shard makes every server of the others save its nodes.conf.</summary>
    [Theory]
    [InlineData("dash", "redis", "8.0")]
    [InlineData("busybox", "redis", "7.0")]
    [InlineData("dash", "valkey", "9")]
    public async Task A_server_on_a_full_volume_lives_through_the_failover_of_another_shard(string shell, string product, string version)
    {
        await using var cluster = await FormAsync(shell, product, version);
        var full = cluster[0, 0];
        var process = await ProcessAsync(full);

        Fill(full);
        await ProbeAsync(full);
        await FailOverAsync(cluster);

        await cluster.SettledAsync();
        Assert.True((await full.MyselfAsync()).IsMaster);
        Assert.Equal(process, await ProcessAsync(full));
        await KnowsEpochAsync(full, cluster[1, 1]);
    }

    /// <summary>What it is for: these versions write the file anew at each change.</summary>
    [Theory]
    [InlineData("redis", "8.0")]
    [InlineData("valkey", "9")]
    public async Task Without_it_that_failover_ends_the_server(string product, string version)
    {
        await using var cluster = await FormAsync("dash", product, version);
        var full = cluster[0, 0];
        Reserve(full).Delete();

        Fill(full);
        await ProbeAsync(full);
        await FailOverAsync(cluster);

        await full.EndedAsync();
        Assert.Contains("Fatal: can't update cluster config file", full.ReadLog(), StringComparison.Ordinal);
    }

    /// <summary>As the kubelet restarts one that a failover ended before a probe came by.</summary>
    [Theory]
    [InlineData("dash", "redis", "8.0")]
    [InlineData("busybox", "redis", "7.0")]
    [InlineData("dash", "valkey", "9")]
    public async Task A_server_that_a_full_volume_ended_comes_back(string shell, string product, string version)
    {
        await using var cluster = await FormAsync(shell, product, version);
        var full = cluster[0, 1];
        Fill(full);
        await full.KillAsync();
        await FailOverAsync(cluster);

        await full.StartAsync();

        await cluster.SettledAsync();
        Assert.False(Reserve(full).Exists);
        await KnowsEpochAsync(full, cluster[1, 1]);
    }

    /// <summary>A pod on a volume of its own.</summary>
    static async Task<ScriptedCluster> StartAsync(string shell, string product, string version, int mebibytes)
    {
        var cluster = await ScriptedCluster.StartAsync(shell, product, version, shards: 1, replicas: 0);
        await MoveAsync(cluster[0, 0], mebibytes);
        return cluster;
    }

    /// <summary>A cluster of which the pods of one shard have volumes of their own.</summary>
    static async Task<ScriptedCluster> FormAsync(string shell, string product, string version)
    {
        var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 3, replicas: 1);
        await MoveAsync(cluster[0, 0], Volume);
        await MoveAsync(cluster[0, 1], Volume);
        await cluster.SettledAsync();
        return cluster;
    }

    static async Task MoveAsync(ScriptedPod pod, int mebibytes)
    {
        await pod.KillAsync();
        await pod.LimitVolumeAsync(mebibytes);
        await pod.StartAsync();
        await Eventually.HoldsAsync($"{pod.Name} answers", async () => await pod.AskAsync(ServerCommands.Ping) == "PONG" ? null : "no PONG");
        await ProbeAsync(pod);
    }

    static async Task ProbeAsync(ScriptedPod pod) => Assert.Equal((0, ""), await pod.RunAsync(ConfigMaps.ProbeScript, "liveness"));

    static async Task FailOverAsync(ScriptedCluster cluster)
    {
        await cluster[1, 1].AskAsync(ClusterCommands.Failover(FailoverMode.Handover));
        await Eventually.HoldsAsync("the replica is the master", async () => (await cluster[1, 1].MyselfAsync()).IsMaster ? null : "it is not");
    }

    static FileInfo Reserve(ScriptedPod pod) => new(Path.Combine(pod.Data, "nodes.conf.reserve"));

    static string Filler(ScriptedPod pod) => Path.Combine(pod.Data, "filler");

    /// <summary>As much as there is room for.</summary>
    static void Fill(ScriptedPod pod)
    {
        var page = new byte[Environment.SystemPageSize];
        using var filler = new FileStream(Filler(pod), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        while (TryWrite(filler, page))
        {
        }
    }

    static bool TryWrite(FileStream file, byte[] bytes)
    {
        try
        {
            file.Write(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    static void Shorten(ScriptedPod pod, int by)
    {
        using var filler = new FileStream(Filler(pod), FileMode.Open, FileAccess.Write);
        filler.SetLength(filler.Length - (by * Mebibyte));
    }

    static async Task<string> ProcessAsync(ScriptedPod pod) => (await pod.AskAsync(ServerCommands.Info("server"))).RunId;

    /// <summary>A server saves an epoch before it says that it knows it.</summary>
    static Task KnowsEpochAsync(ScriptedPod pod, ScriptedPod master) => Eventually.HoldsAsync($"{pod.Name} knows the epoch of {master.Name}", async () =>
    {
        var myself = await master.MyselfAsync();
        return (await pod.AskAsync(ClusterCommands.Nodes)).Find(myself.Id)?.ConfigEpoch == myself.ConfigEpoch ? null : "it does not";
    });
}
