using System.Diagnostics;

namespace Slotwise.Bench.Local;

/// <summary>How long localkube needs until its API server is ready, and for a list; beside a real API server where one is given.</summary>
static class ServerBenchmark
{
    /// <summary>Names the kubeconfig of a real API server.</summary>
    const string Peer = "SLOTWISE_BENCH_KUBECONFIG";

    const int Objects = 2000;
    const int Rounds = 9;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var starts = new List<TimeSpan>();
        TimeSpan list;
        for (var round = 1; ; round++)
        {
            await using var server = await StartedServer.StartAsync(cancellationToken);
            starts.Add(server.ReadyAfter);
            if (round == Rounds)
            {
                list = await ListAsync(server.Kubeconfig, cancellationToken);
                break;
            }
        }

        var peer = Environment.GetEnvironmentVariable(Peer) is { Length: > 0 } kubeconfig ? await ListAsync(kubeconfig, cancellationToken) : (TimeSpan?)null;
        Report.Alone("localkube up until its API server is ready", Report.Median(starts).TotalMilliseconds, "ms");
        var name = $"list of {Objects} objects";
        if (peer is { } known)
        {
            Report.Line(name, list.TotalMilliseconds, known.TotalMilliseconds, "ms");
        }
        else
        {
            Report.Alone(name, list.TotalMilliseconds, "ms");
        }
    }

    static async Task<TimeSpan> ListAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        await using var objects = await ListedObjects.CreateAsync(kubeconfig, Objects, cancellationToken);
        var times = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await objects.ListAsync(cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        return Report.Median(times);
    }
}
