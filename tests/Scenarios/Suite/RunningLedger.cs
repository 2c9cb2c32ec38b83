using System.Globalization;
using Slotwise.Operator.Load;
using Slotwise.Redis;

namespace Slotwise.Scenarios.Suite;

/// <summary>An application that writes to a cluster and keeps account of it.</summary>
sealed class RunningLedger : IAsyncDisposable
{
    static readonly TimeSpan ReadBackWithin = TimeSpan.FromSeconds(30);

    readonly Func<CancellationToken, Task<IReadOnlyList<RedisEndpoint>>> _findSeedsAsync;
    readonly ClientOfShares _client;
    readonly Ledger _ledger;
    readonly CancellationTokenSource _stop = new();
    readonly Task _writing;

    RunningLedger(Func<CancellationToken, Task<IReadOnlyList<RedisEndpoint>>> findSeedsAsync, RedisClusterClient client, int shards)
    {
        _findSeedsAsync = findSeedsAsync;
        _client = new ClientOfShares(client, shards);
        var options = new LedgerOptions { Prefix = "scenario", Keys = 480, Writers = 12, Rate = 250 };
        _ledger = new Ledger(_client, options, TimeProvider.System);
        _writing = _ledger.WriteAsync(_stop.Token);
    }

    /// <summary>Begins to write.</summary>
    /// <param name="findSeedsAsync">Where the servers are now.</param>
    /// <param name="shards">How many shards there are.</param>
    public static async Task<RunningLedger> StartAsync(Func<CancellationToken, Task<IReadOnlyList<RedisEndpoint>>> findSeedsAsync, int shards) =>
        new(findSeedsAsync, await ConnectAsync(findSeedsAsync), shards);

    /// <summary>What it has seen so far.</summary>
    public LedgerReport Report => _ledger.Report;

    /// <summary>Stops writing; what was acknowledged is read back later.</summary>
    public async Task PauseForGoodAsync()
    {
        await _stop.CancelAsync();
        await _writing;
    }

    /// <summary>Forgets where the servers were.</summary>
    public async Task ReconnectAsync()
    {
        await _client.DisposeAsync();
        _client.Use(await ConnectAsync(_findSeedsAsync));
    }

    /// <summary>Stops writing, and reads everything back.</summary>
    public async Task<LedgerReport> StopAsync()
    {
        await PauseForGoodAsync();
        using var giveUp = new CancellationTokenSource(ReadBackWithin);
        await _ledger.CheckAsync(giveUp.Token);
        return _ledger.Report;
    }

    public async ValueTask DisposeAsync()
    {
        await PauseForGoodAsync();
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    static async Task<RedisClusterClient> ConnectAsync(Func<CancellationToken, Task<IReadOnlyList<RedisEndpoint>>> findSeedsAsync)
    {
        var options = RedisClusterClientOptions.Default with { FindSeedsAsync = findSeedsAsync, MaxConnectionsPerNode = 16 };
        return await RedisClusterClient.ConnectAsync(await findSeedsAsync(CancellationToken.None), options: options);
    }

    /// <summary>Our own client. Which shard serves a slot follows from how the slots were shared out, wherever the masters are.</summary>
    sealed class ClientOfShares(RedisClusterClient client, int shards) : ILedgerClient, IAsyncDisposable
    {
        readonly List<(string Name, SlotSet Slots)> _shares = [.. SlotPartition.Split(shards).Select((share, index) => (index.ToString(CultureInfo.InvariantCulture), share))];

        RedisClusterClient _redis = client;
        ClusterLedgerClient _client = new(client, _ => null);

        public long Redirects => _client.Redirects;

        public void Use(RedisClusterClient other)
        {
            _redis = other;
            _client = new ClusterLedgerClient(other, _ => null);
        }

        public ValueTask DisposeAsync() => _redis.DisposeAsync();

        public Task<LedgerReply> ExecuteAsync(RedisCommand command, bool isRead, ReadFrom from, CancellationToken cancellationToken) =>
            _client.ExecuteAsync(command, isRead, from, cancellationToken);

        public string? ShardOf(int slot) => _shares.Find(share => share.Slots.Contains(slot)).Name;
    }
}
