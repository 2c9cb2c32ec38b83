using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>An application that writes one key after the other into one shard, and remembers which writes were acknowledged and how long it had to wait.</summary>
sealed class SteadyWriter : IAsyncDisposable
{
    readonly RedisClusterClient _client;
    readonly string _tag;
    readonly CancellationTokenSource _stopping = new();
    readonly Task _writing;
    int _acknowledged;
    long _longestWait;

    SteadyWriter(RedisClusterClient client, string tag)
    {
        _client = client;
        _tag = tag;
        _writing = WriteAsync();
    }

    public TimeSpan LongestWait => TimeSpan.FromTicks(Volatile.Read(ref _longestWait));

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <param name="cluster">Where to write.</param>
    /// <param name="tag">A hash tag in the slots of the shard.</param>
    public static async Task<SteadyWriter> StartAsync(ScriptedCluster cluster, string tag)
    {
        var writer = new SteadyWriter(await RedisClusterClient.ConnectAsync([.. cluster.Pods.Select(pod => pod.Endpoint)]), tag);
        await writer.WroteAsync(100);
        return writer;
    }

    /// <summary>Waits until so many more writes were acknowledged.</summary>
    public async Task WroteAsync(int more)
    {
        var before = Acknowledged;
        await Eventually.HoldsAsync($"{more} more writes", () => Task.FromResult(Acknowledged - before >= more ? null : $"{Acknowledged - before}"));
    }

    /// <summary>Ends it, and checks that the master has every write that it acknowledged.</summary>
    public async Task AssertNothingLostAsync(ScriptedPod master)
    {
        await _stopping.CancelAsync();
        await _writing;
        await using var connection = await master.ConnectAsync();
        var values = await connection.ExecuteAsync([.. Enumerable.Range(0, Acknowledged).Select(number => new RedisCommand("GET", Key(number)))]);
        Assert.Empty(values.Select((value, number) => (value, number)).Where(pair => pair.value.AsText() != "v").Select(pair => pair.number));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _writing;
        await _client.DisposeAsync();
        _stopping.Dispose();
    }

    async Task WriteAsync()
    {
        await Task.Yield();
        for (var number = 0; !_stopping.IsCancellationRequested; number++)
        {
            var waited = Stopwatch.StartNew();
            var reply = await _client.ExecuteAsync(new RedisCommand("SET", Key(number), "v"), new RedisCallOptions { IsIdempotent = true });
            Assert.False(reply.IsError, reply.IsError ? reply.ErrorText : "");
            _longestWait = Math.Max(_longestWait, waited.Elapsed.Ticks);
            Interlocked.Increment(ref _acknowledged);
            await Task.Delay(1);
        }
    }

    string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"{{{_tag}}}{number}");
}
