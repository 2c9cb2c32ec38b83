using System.Threading.Channels;

namespace Slotwise.Redis;

/// <summary>A message of a channel of a shard.</summary>
public readonly record struct ShardMessage(string Channel, ReadOnlyMemory<byte> Payload);

/// <summary>
/// Channels of shards that are listened to. Each is subscribed at the node that serves its slot, and subscribed again where the slot has gone, or
/// when the connection broke.
/// </summary>
public sealed class ShardSubscription : IAsyncDisposable
{
    /// <summary>What a reader may be late by before nothing more is read from the servers, which then close the connection of who is too slow.</summary>
    const int MaxUnread = 10_000;

    readonly ClientConnectionPool _connections;
    readonly SlotMapSource _map;
    readonly RedisEndpoint _seed;
    readonly RedisClusterClientOptions _options;
    readonly CancellationTokenSource _stopping = new();
    readonly Channel<ShardMessage> _messages = Channel.CreateBounded<ShardMessage>(MaxUnread);
    readonly Dictionary<RedisEndpoint, SubscriberLink> _links = [];
    readonly Lock _lock = new();
    readonly TaskCompletionSource _allSubscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task _keeping;
    int _notYet;
    long _interruptions;

    internal ShardSubscription(
        ClientConnectionPool connections,
        SlotMapSource map,
        RedisEndpoint seed,
        RedisClusterClientOptions options,
        IReadOnlyList<string> channels)
    {
        _connections = connections;
        _map = map;
        _seed = seed;
        _options = options;
        _notYet = channels.Count;
        _keeping = Task.WhenAll(channels.Select(KeepAsync));
    }

    /// <summary>How often a channel lost its subscription and got it back, or still has not; messages may have been missed each time.</summary>
    public long Interruptions => Interlocked.Read(ref _interruptions);

    /// <summary>Waits until every channel has been subscribed once.</summary>
    public Task WaitUntilSubscribedAsync(CancellationToken cancellationToken = default) => _allSubscribed.Task.WaitAsync(cancellationToken);

    /// <summary>The messages as they come, until the subscription is disposed of. For one reader.</summary>
    public IAsyncEnumerable<ShardMessage> ReadAllAsync(CancellationToken cancellationToken = default) => _messages.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Stops listening and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
        List<SubscriberLink> links;
        lock (_lock)
        {
            links = [.. _links.Values];
        }

        foreach (var link in links)
        {
            await link.DisposeAsync();
        }

        _messages.Writer.TryComplete();
        _stopping.Dispose();
    }

    /// <summary>Keeps one channel subscribed.</summary>
    async Task KeepAsync(string channel)
    {
        var slot = SlotHash.Of(channel);
        var isFirst = true;
        var pause = TimeSpan.Zero;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(RedisClusterClient.Jitter(pause), _options.Connection.TimeProvider, _stopping.Token);
                pause = RedisClusterClient.NextPause(pause);
                var map = _map.Current;
                var endpoint = map[slot]?.Master ?? _seed;
                if (await TrySubscribeAsync(endpoint, channel, slot, map) is not { } ended)
                {
                    continue;
                }

                pause = TimeSpan.Zero;
                if (isFirst && Interlocked.Decrement(ref _notYet) == 0)
                {
                    _allSubscribed.SetResult();
                }

                isFirst = false;
                await ended.WaitAsync(_stopping.Token);
                Interlocked.Increment(ref _interruptions);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    /// <returns>What completes when the subscription has ended; null if there is none.</returns>
    async Task<Task?> TrySubscribeAsync(RedisEndpoint endpoint, string channel, int slot, SlotMap map)
    {
        try
        {
            return await (await LinkToAsync(endpoint)).SubscribeAsync(channel, _stopping.Token);
        }
        catch (RedisServerException refusal)
        {
            if (Redirection.TryParse(RespValue.Error(refusal.Message), out var redirection)
                && redirection.Kind == RedirectionKind.Moved
                && redirection.TargetSeenFrom(endpoint) is { } master)
            {
                map.Move(slot, master);
                return null;
            }
        }
        catch (RedisException)
        {
            // whoever serves the slot now is in a newer map
        }

        await _map.RefreshAsync(map, null, [endpoint], _stopping.Token);
        return null;
    }

    async Task<SubscriberLink> LinkToAsync(RedisEndpoint endpoint)
    {
        lock (_lock)
        {
            if (_links.TryGetValue(endpoint, out var known))
            {
                if (known.IsUsable)
                {
                    return known;
                }

                _links.Remove(endpoint);
            }
        }

        var connection = await _connections.RentAsync(endpoint, _stopping.Token);
        lock (_lock)
        {
            // another channel of this node was as fast
            if (_links.TryGetValue(endpoint, out var known) && known.IsUsable)
            {
                _connections.Return(connection);
                return known;
            }

            var link = new SubscriberLink(connection, _connections, _messages.Writer, _options.Connection);
            _links[endpoint] = link;
            return link;
        }
    }
}
