using System.Globalization;
using Slotwise.EndToEnd.Clusters;
using StackExchange.Redis;

namespace Slotwise.EndToEnd.Scaling;

/// <summary>Keys that nobody touches while a cluster changes its shape: afterwards every one is there, unchanged, and no other.</summary>
sealed class Dataset(TestCluster cluster, int keys) : IAsyncDisposable
{
    ConnectionMultiplexer? _redis;

    public async Task WriteAsync()
    {
        var database = await ConnectAsync();
        await Task.WhenAll(Enumerable.Range(0, keys).Select(index => database.StringSetAsync(Key(index), Value(index))));
    }

    /// <summary>Asserts that every key is there, and that the masters hold nothing else.</summary>
    public async Task AssertThereAsync()
    {
        await DisposeAsync();
        var database = await ConnectAsync();
        var values = await Task.WhenAll(Enumerable.Range(0, keys).Select(index => database.StringGetAsync(Key(index))));
        var wrong = Enumerable.Range(0, keys).Where(index => values[index] != Value(index)).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {keys} keys are gone or changed, such as {Key(wrong.FirstOrDefault())}");
        Assert.Equal(keys, await cluster.CountKeysAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is { } redis)
        {
            _redis = null;
            await redis.CloseAsync();
            redis.Dispose();
        }
    }

    static string Key(int index) => string.Create(CultureInfo.InvariantCulture, $"dataset:{index}");

    static string Value(int index) => string.Create(CultureInfo.InvariantCulture, $"value {index} ").PadRight(100, '.');

    async Task<IDatabase> ConnectAsync()
    {
        var addresses = await cluster.AddressesAsync();
        _redis ??= await ConnectionMultiplexer.ConnectAsync($"{string.Join(',', addresses.Select(address => $"{address}:6379"))},abortConnect=true,syncTimeout=30000");
        return _redis.GetDatabase();
    }
}
