using System.Diagnostics;
using System.Globalization;
using Slotwise.Bench.Form;
using Slotwise.Redis;

namespace Slotwise.Bench.Ready;

/// <summary>
/// From <c>kubectl apply</c> to Ready, pods and all, on LocalKubernetes through the built programs; beside starting as many servers by
/// hand and forming them with redis-cli until every one of them says <c>cluster_state:ok</c>.
/// </summary>
static class ReadyBenchmark
{
    const int Runs = 3;
    const int Shards = 3;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var ours = new List<TimeSpan>();
        var peer = new List<TimeSpan>();
        await using (var machine = await LocalMachine.StartAsync(cancellationToken))
        {
            for (var run = 0; run < Runs; run++)
            {
                ours.Add(await machine.ApplyAsync(string.Create(CultureInfo.InvariantCulture, $"ready-{run}"), Shards, cancellationToken));
            }
        }

        for (var run = 0; run < Runs; run++)
        {
            peer.Add(await ByHandAsync(200 + run, cancellationToken));
        }

        Report.Line(
            string.Create(CultureInfo.InvariantCulture, $"apply to Ready {Shards}+{Shards} (median of {Runs})"),
            Report.Median(ours).TotalSeconds,
            Report.Median(peer).TotalSeconds,
            "s");
    }

    static async Task<TimeSpan> ByHandAsync(int network, CancellationToken cancellationToken)
    {
        await using var side = new RedisCliSide();
        var start = Stopwatch.GetTimestamp();
        await side.PrepareAsync(network, Shards, replicas: 1, cancellationToken);
        side.Go(replicas: 1);
        await side.WaitForExitAsync(cancellationToken);
        await FormedCheck.WaitAsync(side.Pool, side.Addresses, Shards, start, cancellationToken);
        foreach (var address in side.Addresses)
        {
            var node = side.Pool.Get(new RedisEndpoint(address, 6379), $"check-{address}", credentials: null);
            while (!(await node.ExecuteAsync(ClusterCommands.Info, TimeSpan.FromSeconds(5), cancellationToken)).IsOk)
            {
                await Task.Delay(20, cancellationToken);
            }
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
