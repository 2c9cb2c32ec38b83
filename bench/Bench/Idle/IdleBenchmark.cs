using System.Diagnostics;
using System.Globalization;
using Slotwise.Bench.Form;
using Slotwise.Redis;

namespace Slotwise.Bench.Idle;

/// <summary>What a pass over a settled cluster costs, beside <c>redis-cli --cluster check</c>, which reads about the same.</summary>
static class IdleBenchmark
{
    const int Passes = 200;
    const int Checks = 5;

    static readonly RedisCommand<RedisInfo> Stats = ServerCommands.Info("stats");

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        Report.Header();
        var network = 101;
        foreach (var shards in (int[])[3, 25])
        {
            await using var side = new OperatorSide();
            await side.PrepareAsync(network++, shards, replicas: 1, cancellationToken);
            side.Go();
            await side.WaitUntilSettledAsync(cancellationToken);
            await side.PauseAsync();
            await MeasureAsync(side, string.Create(CultureInfo.InvariantCulture, $"{shards}+{shards}"), cancellationToken);
        }
    }

    static async Task MeasureAsync(OperatorSide side, string size, CancellationToken cancellationToken)
    {
        await side.PassAsync(cancellationToken);
        var writes = side.Writes;
        var readsBefore = await CountReadsAsync(side, cancellationToken);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        for (var pass = 0; pass < Passes; pass++)
        {
            await side.PassAsync(cancellationToken);
        }

        var ours = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Passes;
        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)Passes;
        var readsOurs = (await CountReadsAsync(side, cancellationToken) - readsBefore) / (double)Passes;

        readsBefore = await CountReadsAsync(side, cancellationToken);
        start = Stopwatch.GetTimestamp();
        for (var check = 0; check < Checks; check++)
        {
            await CheckAsync(side.Addresses[0], cancellationToken);
        }

        var peer = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Checks;
        var readsPeer = (await CountReadsAsync(side, cancellationToken) - readsBefore) / (double)Checks;
        Report.Line($"settled pass {size}: time", ours, peer, "ms");
        Report.Line($"settled pass {size}: Redis round trips", readsOurs, readsPeer, "");
        Report.Alone($"settled pass {size}: API writes", (side.Writes - writes) / (double)Passes, "");
        Report.Alone($"settled pass {size}: allocated", bytes / 1024, "KiB");
    }

    /// <summary>The servers' own count of reads from clients, less the one that asks for it.</summary>
    static async Task<long> CountReadsAsync(OperatorSide side, CancellationToken cancellationToken)
    {
        var counts = await Task.WhenAll(side.Addresses.Select(async address =>
        {
            var info = await side.Pool.Get(new RedisEndpoint(address, 6379), $"check-{address}", credentials: null)
                .ExecuteAsync(Stats, TimeSpan.FromSeconds(5), cancellationToken);
            return long.Parse(info["total_reads_processed"] ?? "0", CultureInfo.InvariantCulture) - 1;
        }));
        return counts.Sum();
    }

    static async Task CheckAsync(string address, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("redis-cli", ["--cluster", "check", $"{address}:6379"]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-cli did not start");
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"redis-cli --cluster check failed:\n{output}");
        }
    }
}
