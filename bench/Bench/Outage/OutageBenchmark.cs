using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Bench.Ready;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;
using Slotwise.Operator.Load;
using Slotwise.Redis;

namespace Slotwise.Bench.Outage;

/// <summary>
/// For how long a client cannot write when a master goes: on LocalKubernetes, as late as a kubelet is, beside the same events on a Redis Cluster that nobody
/// looks after. And how long a restart of everything takes.
/// </summary>
static class OutageBenchmark
{
    const int Shards = OperatedCluster.Shards;
    const int Hosts = 3;

    /// <summary>Clusters that lose a host at the same time, and bare ones that are hit at the same time: the waits are long and cost nothing.</summary>
    const int Side = 5;

    const int Keys = 200_000;
    const int KeyBytes = 100;
    const int ManyKeys = 1_000_000;
    const int BigKeyBytes = 1024;

    static readonly TimeSpan Close = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan Coarse = TimeSpan.FromMilliseconds(10);

    /// <summary>Elections have memory: nobody is hit twice within this time, which is twice the time-out and a little more.</summary>
    static readonly TimeSpan BetweenHits = TimeSpan.FromSeconds(32);

    /// <param name="runs">How often each event happens on each side.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task RunAsync(int runs, CancellationToken cancellationToken)
    {
        Report.Header();
        await using (var machine = await LocalMachine.StartAsync(cancellationToken, "--delays", "kubernetes", "--hosts", $"{Hosts}"))
        {
            using var api = new KubernetesClient(KubernetesConfiguration.Load(machine.Kubeconfig, null, TimeProvider.System), TimeProvider.System);
            await using var pool = new RedisConnectionPool();
            OperatedCluster Cluster(string name) => new(machine, api, pool, name);

            await CompareEventsAsync(Cluster("outage"), runs, cancellationToken);
            await CompareLostHostAsync([.. Enumerable.Range(0, Side).Select(index => Cluster($"host-{index}"))], api, runs, cancellationToken);
            await DeleteAllAsync(Cluster("all"), cancellationToken);
            await RollAsync(Cluster("roll"), cancellationToken);
        }
    }

    static async Task CompareEventsAsync(OperatedCluster cluster, int runs, CancellationToken cancellationToken)
    {
        await cluster.CreateAsync("", cancellationToken);

        // a restart of everything hands over once in each shard
        var ours = new List<TimeSpan>();
        while (ours.Count < runs)
        {
            ours.AddRange(await MeasureAllAsync(cluster, cancellationToken));
        }

        Tell("planned handover", ours, await BareAsync(runs, Close, (bare, shard) => bare.HandOverAsync(shard, cancellationToken), cancellationToken));
        Tell(
            "pod deleted",
            await OursAsync(cluster, runs, shard => cluster.DeleteMasterAsync(shard, cancellationToken), cancellationToken),
            await BareAsync(runs, Coarse, (bare, shard) => bare.TerminateAsync(shard, cancellationToken), cancellationToken));
        Tell(
            "process killed",
            await OursAsync(cluster, runs, shard => cluster.KillMasterAsync(shard, cancellationToken), cancellationToken),
            await BareAsync(runs, Coarse, (bare, shard) => bare.KillAsync(shard, cancellationToken), cancellationToken));
        await cluster.DeleteAsync(cancellationToken);
    }

    /// <summary>The shards in turn, with time between two hits.</summary>
    static async Task<List<TimeSpan>> OursAsync(OperatedCluster cluster, int runs, Func<int, Task> hitAsync, CancellationToken cancellationToken)
    {
        var outages = new List<TimeSpan>();
        var hits = new long[Shards];
        for (var run = 0; run < runs; run++)
        {
            var shard = run % Shards;
            if (hits[shard] != 0 && BetweenHits - Stopwatch.GetElapsedTime(hits[shard]) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, cancellationToken);
            }

            await using var probe = await OutageProbe.StartAsync(await cluster.EndpointsAsync(cancellationToken), shard, Shards, Close, cancellationToken);
            hits[shard] = Stopwatch.GetTimestamp();
            await hitAsync(shard);
            outages.Add(await probe.LongestAsync(cancellationToken));
        }

        return outages;
    }

    static async Task<IReadOnlyList<TimeSpan>> MeasureAllAsync(OperatedCluster cluster, CancellationToken cancellationToken)
    {
        var seeds = await cluster.EndpointsAsync(cancellationToken);
        var probes = await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => OutageProbe.StartAsync(seeds, shard, Shards, Close, cancellationToken)));
        await cluster.RestartAsync(cancellationToken);
        var longest = await Task.WhenAll(probes.Select(probe => probe.LongestAsync(cancellationToken)));
        foreach (var probe in probes)
        {
            await probe.DisposeAsync();
        }

        return longest;
    }

    /// <summary>Several bare clusters at the same time where the waits are long, one where they are short.</summary>
    static async Task<List<TimeSpan>> BareAsync(int runs, TimeSpan pace, Func<BareCluster, int, Task> hitAsync, CancellationToken cancellationToken)
    {
        var side = pace == Close ? 1 : Math.Min(Side, runs);
        var clusters = await Task.WhenAll(Enumerable.Range(0, side).Select(index => BareCluster.StartAsync(220 + index, cancellationToken)));
        try
        {
            var outages = await Task.WhenAll(clusters.Select(async (cluster, index) =>
            {
                var mine = new List<TimeSpan>();
                for (var run = index; run < runs; run += side)
                {
                    await using var probe = await OutageProbe.StartAsync(cluster.Endpoints, run / side % Shards, Shards, pace, cancellationToken);
                    await hitAsync(cluster, run / side % Shards);
                    mine.Add(await probe.LongestAsync(cancellationToken));
                }

                return mine;
            }));
            return [.. outages.SelectMany(mine => mine)];
        }
        finally
        {
            foreach (var cluster in clusters)
            {
                await cluster.DisposeAsync();
            }
        }
    }

    static async Task CompareLostHostAsync(IReadOnlyList<OperatedCluster> clusters, KubernetesClient api, int runs, CancellationToken cancellationToken)
    {
        foreach (var cluster in clusters)
        {
            await cluster.CreateAsync("", cancellationToken);
        }

        var outages = new List<TimeSpan>();
        for (var round = 0; outages.Count < runs; round++)
        {
            var host = string.Create(CultureInfo.InvariantCulture, $"localkube-{round % Hosts}");
            var probes = new List<OutageProbe>();
            foreach (var cluster in clusters)
            {
                // With two of three masters the majority is gone, and nobody is elected: after the loss of another host they are not spread again at once.
                if (await cluster.ShardsLedOnAsync(host, cancellationToken) is [var shard])
                {
                    probes.Add(await OutageProbe.StartAsync(await cluster.EndpointsAsync(cancellationToken), shard, Shards, Coarse, cancellationToken));
                }
            }

            var start = Stopwatch.GetTimestamp();
            await PowerAsync(false);
            await Task.Delay(BetweenHits, cancellationToken);
            await PowerAsync(true);
            foreach (var cluster in clusters)
            {
                await cluster.WaitUntilWholeAsync([], cancellationToken);
            }

            foreach (var probe in probes)
            {
                outages.Add(await probe.LongestAsync(cancellationToken));
                await probe.DisposeAsync();
            }

            if ((BetweenHits * 2) - Stopwatch.GetElapsedTime(start) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, cancellationToken);
            }

            Task PowerAsync(bool on) => api.MergePatchAsync<V1Node>(null, host, new JsonObject { ["power"] = on }, "localkube", cancellationToken);
        }

        Tell("host lost", outages, await BareAsync(runs, Coarse, (bare, shard) => bare.SilenceAsync(shard, cancellationToken), cancellationToken));
        foreach (var cluster in clusters)
        {
            await cluster.DeleteAsync(cancellationToken);
        }
    }

    static async Task DeleteAllAsync(OperatedCluster cluster, CancellationToken cancellationToken)
    {
        await cluster.CreateAsync("storage: {size: 1Gi, whenDeleted: Delete}", cancellationToken);
        await FillAsync(cluster, Keys, KeyBytes, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await cluster.DeleteAllAsync(cancellationToken);
        var took = Stopwatch.GetElapsedTime(start);
        var found = await cluster.CountKeysAsync(cancellationToken);
        if (found != Keys)
        {
            throw new InvalidOperationException($"{found} of {Keys} keys are there after all pods were deleted");
        }

        Report.Alone(string.Create(CultureInfo.InvariantCulture, $"all pods deleted at once, {Keys:N0} keys on volumes, all of them there again (goal 20 s)"), took.TotalSeconds, "s");
        await cluster.DeleteAsync(cancellationToken);
    }

    static async Task RollAsync(OperatedCluster cluster, CancellationToken cancellationToken)
    {
        await cluster.CreateAsync("", cancellationToken);
        await FillAsync(cluster, ManyKeys, BigKeyBytes, cancellationToken);
        await using var client = await RedisClusterClient.ConnectAsync(await cluster.EndpointsAsync(cancellationToken), cancellationToken: cancellationToken);
        var ledger = new Ledger(new ClusterLedgerClient(client, _ => null), new LedgerOptions { Prefix = "roll", Keys = 1000, Rate = 500 }, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var writing = ledger.WriteAsync(stop.Token);
        var start = Stopwatch.GetTimestamp();
        await cluster.RestartAsync(cancellationToken);
        var took = Stopwatch.GetElapsedTime(start);
        await stop.CancelAsync();
        await writing;
        await ledger.CheckAsync(cancellationToken);
        var report = ledger.Report;
        Report.Alone("rolling restart of 3x1 with 1 GB of data", took.TotalSeconds, "s");
        Report.Alone(
            string.Create(CultureInfo.InvariantCulture, $"errors that a client saw meanwhile, of {report.Acknowledged:N0} writes, {report.Lost + report.Wrong:N0} of them lost or wrong (goal 0)"), report.ErrorCount, "");
        await cluster.DeleteAsync(cancellationToken);
    }

    static async Task FillAsync(OperatedCluster cluster, int keys, int bytes, CancellationToken cancellationToken)
    {
        await using var client = await RedisClusterClient.ConnectAsync(await cluster.EndpointsAsync(cancellationToken), cancellationToken: cancellationToken);
        var value = new byte[bytes];
        new Random(1).NextBytes(value);
        foreach (var numbers in Enumerable.Range(0, keys).Chunk(5000))
        {
            foreach (var reply in await client.ExecuteAsync([.. numbers.Select(number => new RedisCommand("SET", $"fill:{number}", value))], cancellationToken))
            {
                reply.ThrowIfError();
            }
        }
    }

    static void Tell(string name, List<TimeSpan> ours, List<TimeSpan> peer)
    {
        Report.Line(string.Create(CultureInfo.InvariantCulture, $"{name}, p50 of {ours.Count}"), Report.Median(ours).TotalMilliseconds, Report.Median(peer).TotalMilliseconds, "ms");
        Report.Line($"{name}, max", ours.Max().TotalMilliseconds, peer.Max().TotalMilliseconds, "ms");
    }
}
