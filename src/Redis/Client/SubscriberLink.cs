using System.Threading.Channels;

namespace Slotwise.Redis;

/// <summary>
/// A connection to one node on which channels are subscribed. The server speaks whenever it has something to say, so the connection serves nothing else
/// and is closed afterwards.
/// </summary>
sealed class SubscriberLink : IAsyncDisposable
{
    /// <summary>Who never sends anything would not notice that the node is gone.</summary>
    static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(2);

    static readonly RedisCommand Ping = new("PING");

    readonly ClientConnection _connection;
    readonly ClientConnectionPool _pool;
    readonly ChannelWriter<ShardMessage> _messages;
    readonly RedisConnectionOptions _options;
    readonly CancellationTokenSource _stopping = new();
    readonly SemaphoreSlim _sending = new(1);
    readonly Lock _lock = new();
    readonly Dictionary<string, TaskCompletionSource> _ends = [];
    readonly Queue<(string Channel, TaskCompletionSource<Task> Begun)> _asked = new();
    readonly Task _running;
    long _lastHeard;
    bool _isOver;

    public SubscriberLink(ClientConnection connection, ClientConnectionPool pool, ChannelWriter<ShardMessage> messages, RedisConnectionOptions options)
    {
        _connection = connection;
        _pool = pool;
        _messages = messages;
        _options = options;
        _lastHeard = options.TimeProvider.GetTimestamp();
        _running = RunAsync();
    }

    public bool IsUsable
    {
        get
        {
            lock (_lock)
            {
                return !_isOver;
            }
        }
    }

    /// <summary>Subscribes a channel.</summary>
    /// <returns>What completes when the subscription has ended: the slot has moved away, or the connection is gone.</returns>
    /// <exception cref="RedisServerException">The node refused.</exception>
    /// <exception cref="RedisConnectionException">The connection broke.</exception>
    public async Task<Task> SubscribeAsync(string channel, CancellationToken cancellationToken)
    {
        var begun = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            lock (_lock)
            {
                if (_isOver)
                {
                    throw Broken(null);
                }

                _asked.Enqueue((channel, begun));
            }

            await _connection.Inner.SendAsync([new RedisCommand("SSUBSCRIBE", channel)], cancellationToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            _connection.Close();
            throw e is OperationCanceledException ? e : Broken(e);
        }
        finally
        {
            _sending.Release();
        }

        return await begun.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    async Task RunAsync()
    {
        await Task.Yield();
        var pinging = PingAsync();
        Exception? failure = null;
        try
        {
            while (true)
            {
                var said = await _connection.Inner.ReceiveAsync(_stopping.Token);
                Volatile.Write(ref _lastHeard, _options.TimeProvider.GetTimestamp());
                await TakeAsync(said);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or RedisProtocolException or OperationCanceledException or ChannelClosedException)
        {
            failure = e;
        }

        lock (_lock)
        {
            _isOver = true;
            foreach (var (_, begun) in _asked)
            {
                begun.TrySetException(Broken(failure));
            }

            foreach (var end in _ends.Values)
            {
                end.TrySetResult();
            }
        }

        _connection.Close();
        _pool.Return(_connection);
        await _stopping.CancelAsync();
        await pinging;
    }

    async Task TakeAsync(RespValue said)
    {
        // ssubscribe CHANNEL COUNT, sunsubscribe CHANNEL COUNT, smessage CHANNEL PAYLOAD
        var items = said.Items.ToArray();
        if (said.IsError)
        {
            lock (_lock)
            {
                if (_asked.TryDequeue(out var refused))
                {
                    refused.Begun.TrySetException(new RedisServerException(said.ErrorText));
                }
            }
        }
        else if (items.Length == 3 && items[0].TextEquals("smessage"))
        {
            await _messages.WriteAsync(new ShardMessage(items[1].AsText() ?? "", items[2].AsMemory()), _stopping.Token);
        }
        else if (items.Length == 3 && items[0].TextEquals("ssubscribe"))
        {
            lock (_lock)
            {
                if (_asked.TryDequeue(out var accepted))
                {
                    var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _ends[accepted.Channel] = end;
                    accepted.Begun.TrySetResult(end.Task);
                }
            }
        }
        else if (items.Length == 3 && items[0].TextEquals("sunsubscribe"))
        {
            lock (_lock)
            {
                if (items[1].AsText() is { } channel && _ends.Remove(channel, out var end))
                {
                    end.TrySetResult();
                }
            }
        }
    }

    async Task PingAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(PingInterval, _options.TimeProvider, _stopping.Token);
                if (_options.TimeProvider.GetElapsedTime(Volatile.Read(ref _lastHeard)) > PingInterval + _options.CommandTimeout)
                {
                    _connection.Close();
                    return;
                }

                await _sending.WaitAsync(_stopping.Token);
                try
                {
                    await _connection.Inner.SendAsync([Ping], _stopping.Token);
                }
                finally
                {
                    _sending.Release();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            _connection.Close();
        }
    }

    RedisConnectionException Broken(Exception? cause) => new(_connection.Endpoint, "the connection for subscriptions is gone", cause) { MayHaveBeenCarriedOut = true };
}
