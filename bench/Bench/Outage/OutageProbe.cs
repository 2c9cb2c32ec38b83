using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Bench.Outage;

/// <summary>A client that writes to one shard all the time, one write after the other, and knows for how long at most none was acknowledged.</summary>
sealed class OutageProbe : IAsyncDisposable
{
    /// <summary>A client that waits longer for a silent server than this would measure its own patience.</summary>
    static readonly RedisClusterClientOptions Options = new()
    {
        Connection = new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300), CommandTimeout = TimeSpan.FromMilliseconds(500) },
    };

    readonly RedisClusterClient _client;
    readonly string _key;
    readonly TimeSpan _pace;
    readonly CancellationTokenSource _stop = new();
    readonly Task _writing;
    long _last;
    TimeSpan _longest;

    OutageProbe(RedisClusterClient client, string key, TimeSpan pace)
    {
        _client = client;
        _key = key;
        _pace = pace;
        _last = Stopwatch.GetTimestamp();
        _writing = WriteAsync();
    }

    /// <summary>The longest time between two acknowledgements, up to one that comes after now: a client may find its way later than whoever looks at the servers.</summary>
    public async Task<TimeSpan> LongestAsync(CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        await Waiting.UntilAsync("a write is acknowledged", TimeSpan.FromSeconds(60), () => Task.FromResult(Volatile.Read(ref _last) > asked), cancellationToken);
        return _longest;
    }

    /// <summary>Begins to write, at least once a pace.</summary>
    public static async Task<OutageProbe> StartAsync(IReadOnlyList<RedisEndpoint> seeds, int shard, int shards, TimeSpan pace, CancellationToken cancellationToken)
    {
        var share = SlotPartition.Split(shards)[shard];
        var key = Enumerable.Range(0, int.MaxValue)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"outage:{number}"))
            .First(candidate => share.Contains(SlotHash.Of(candidate)));
        var client = await RedisClusterClient.ConnectAsync(seeds, options: Options, cancellationToken: cancellationToken);
        var probe = new OutageProbe(client, key, pace);

        // connections are made, and everything is compiled
        await Task.Delay(TimeSpan.FromSeconds(0.5), cancellationToken);
        probe._longest = TimeSpan.Zero;
        return probe;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    async Task WriteAsync()
    {
        for (var number = 0L; !_stop.IsCancellationRequested; number++)
        {
            try
            {
                await _client.ExecuteAsync(new RedisCommand("SET", _key, number), _stop.Token);
                var now = Stopwatch.GetTimestamp();
                var gap = Stopwatch.GetElapsedTime(_last, now);
                _longest = gap > _longest ? gap : _longest;
                Volatile.Write(ref _last, now);
                await Task.Delay(_pace, _stop.Token);
            }
            catch (RedisException)
            {
                // as an application does: again
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
