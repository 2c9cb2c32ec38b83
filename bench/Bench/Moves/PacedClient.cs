using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Bench.Moves;

/// <summary>Clients that read and write single keys at a steady rate and keep how long each call took.</summary>
sealed class PacedClient : IAsyncDisposable
{
    const int Writers = 8;

    readonly RedisClusterClient _client;
    readonly int _keys;
    List<double>[] _latencies = New();

    PacedClient(RedisClusterClient client, int keys)
    {
        _client = client;
        _keys = keys;
    }

    public static async Task<PacedClient> ConnectAsync(IReadOnlyList<RedisEndpoint> seeds, int keys, CancellationToken cancellationToken) =>
        new(await RedisClusterClient.ConnectAsync(seeds, cancellationToken: cancellationToken), keys);

    public static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"key:{number:0000000}");

    /// <summary>Writes all keys.</summary>
    public async Task FillAsync(int bytes, CancellationToken cancellationToken)
    {
        var value = new byte[bytes];
        new Random(1).NextBytes(value);
        foreach (var numbers in Enumerable.Range(0, _keys).Chunk(20_000))
        {
            foreach (var reply in await _client.ExecuteAsync([.. numbers.Select(number => new RedisCommand("SET", Key(number), value))], cancellationToken))
            {
                reply.ThrowIfError();
            }
        }
    }

    /// <summary>How many calls a second these clients can make when none of them waits.</summary>
    public async Task<double> MeasureCapacityAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await RunAsync(rate: null, Task.Delay(duration, cancellationToken), cancellationToken);
        return _latencies.Sum(list => list.Count) / duration.TotalSeconds;
    }

    /// <summary>Calls at a rate while something goes on; returns the 99th percentile and the longest call, in milliseconds.</summary>
    public async Task<(double P99, double Longest)> MeasureAsync(double rate, Task whileRunning, CancellationToken cancellationToken)
    {
        await RunAsync(rate, whileRunning, cancellationToken);
        var all = _latencies.SelectMany(list => list).Order().ToList();
        return (all[(int)(all.Count * 0.99)], all[^1]);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    static List<double>[] New() => [.. Enumerable.Range(0, Writers).Select(_ => new List<double>())];

    Task RunAsync(double? rate, Task whileRunning, CancellationToken cancellationToken)
    {
        _latencies = New();
        return Task.WhenAll(_latencies.Select((list, writer) => Task.Run(() => RunOneAsync(list, writer, rate / Writers, whileRunning, cancellationToken), cancellationToken)));
    }

    // A call that is late is not made up for by a burst, which would measure the client itself.
    async Task RunOneAsync(List<double> latencies, int seed, double? rate, Task whileRunning, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var value = new byte[100];
        while (!whileRunning.IsCompleted)
        {
            var key = Key(random.Next(_keys));
            var start = Stopwatch.GetTimestamp();
            var reply = await _client.ExecuteAsync(random.Next(4) == 0 ? new RedisCommand("SET", key, value) : new RedisCommand("GET", key), cancellationToken);
            reply.ThrowIfError();
            var elapsed = Stopwatch.GetElapsedTime(start);
            latencies.Add(elapsed.TotalMilliseconds);
            if (rate is { } perSecond && TimeSpan.FromSeconds(1 / perSecond) - elapsed is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, cancellationToken);
            }
        }
    }
}
