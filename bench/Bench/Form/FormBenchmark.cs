using System.Diagnostics;
using System.Globalization;

namespace Slotwise.Bench.Form;

/// <summary>How long it takes to make a cluster out of servers that are all there, beside redis-cli on the same kind of servers.</summary>
static class FormBenchmark
{
    const int Runs = 3;

    /// <summary>Servers have been up for a while when their pods are ready; also, both sides then face the same cluster state.</summary>
    static readonly TimeSpan Warmth = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        Report.Header();
        var network = 1;

        // An operator runs for months: what the runtime compiles at its first cluster is not what forming costs.
        await FormByOperatorAsync(network++, shards: 3, cancellationToken);
        foreach (var shards in (int[])[3, 9, 25])
        {
            var ours = new List<TimeSpan>();
            var peer = new List<TimeSpan>();
            for (var run = 0; run < Runs; run++)
            {
                ours.Add(await FormByOperatorAsync(network++, shards, cancellationToken));
                peer.Add(await FormByRedisCliAsync(network++, shards, cancellationToken));
            }

            Report.Line(
                string.Create(CultureInfo.InvariantCulture, $"form {shards}+{shards} (median of {Runs})"),
                Report.Median(ours).TotalSeconds,
                Report.Median(peer).TotalSeconds,
                "s");
        }
    }

    static async Task<TimeSpan> FormByOperatorAsync(int network, int shards, CancellationToken cancellationToken)
    {
        await using var side = new OperatorSide();
        await side.PrepareAsync(network, shards, replicas: 1, cancellationToken);
        await Task.Delay(Warmth, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        side.Go();
        return await FormedCheck.WaitAsync(side.Pool, side.Addresses, shards, start, cancellationToken);
    }

    static async Task<TimeSpan> FormByRedisCliAsync(int network, int shards, CancellationToken cancellationToken)
    {
        await using var side = new RedisCliSide();
        await side.PrepareAsync(network, shards, replicas: 1, cancellationToken);
        await Task.Delay(Warmth, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        side.Go(replicas: 1);
        var formed = FormedCheck.WaitAsync(side.Pool, side.Addresses, shards, start, cancellationToken);
        await side.WaitForExitAsync(cancellationToken);
        return await formed;
    }
}
