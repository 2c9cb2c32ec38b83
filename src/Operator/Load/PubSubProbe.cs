using System.Buffers.Text;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>Publishes numbered messages on channels of shards and listens to them: what a server says that it delivered shall arrive.</summary>
sealed class PubSubProbe
{
    const int Channels = 8;

    /// <summary>A message that was delivered arrives within this time; then it counts as missed.</summary>
    static readonly TimeSpan ArrivesWithin = TimeSpan.FromSeconds(1);

    static readonly TimeSpan BetweenMessages = TimeSpan.FromMilliseconds(100);

    readonly RedisClusterClient _client;
    readonly TimeProvider _time;
    readonly Track[] _tracks;
    readonly ShardSubscription _subscription;
    readonly Lock _lock = new();
    long _published;

    public PubSubProbe(RedisClusterClient client, string prefix, TimeProvider time)
    {
        _client = client;
        _time = time;
        _tracks = [.. Enumerable.Range(0, Channels).Select(index => new Track(string.Create(CultureInfo.InvariantCulture, $"{prefix}:channel:{index}")))];
        _subscription = client.Subscribe([.. _tracks.Select(track => track.Channel)]);
    }

    public PubSubReport Report
    {
        get
        {
            lock (_lock)
            {
                return new PubSubReport(
                    _published,
                    _tracks.Sum(track => track.Delivered),
                    _tracks.Sum(track => track.Received),
                    _tracks.Sum(track => track.Missed),
                    _tracks.Sum(track => track.OutOfOrder),
                    _subscription.Interruptions);
            }
        }
    }

    /// <summary>Publishes and listens until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var listening = ListenAsync();
        await Task.WhenAll(_tracks.Select(track => PublishAsync(track, stop)));
        await Task.Delay(ArrivesWithin, _time, CancellationToken.None);
        await _subscription.DisposeAsync();
        await listening;
        lock (_lock)
        {
            Array.ForEach(_tracks, track => track.GiveUp(_time, TimeSpan.Zero));
        }
    }

    async Task PublishAsync(Track track, CancellationToken stop)
    {
        try
        {
            await _subscription.WaitUntilSubscribedAsync(stop);
            for (var number = 1L; ; number++)
            {
                await Task.Delay(BetweenMessages, _time, stop);
                await PublishAsync(track, number);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    async Task PublishAsync(Track track, long number)
    {
        try
        {
            var reply = await _client.ExecuteAsync(new RedisCommand("SPUBLISH", track.Channel, number), CancellationToken.None);
            lock (_lock)
            {
                _published++;
                if (reply.TryGetInteger(out var receivers) && receivers > 0)
                {
                    track.Deliver(number, _time.GetTimestamp());
                }

                track.GiveUp(_time, ArrivesWithin);
            }
        }
        catch (RedisException)
        {
            // nothing was promised
        }
    }

    async Task ListenAsync()
    {
        await foreach (var message in _subscription.ReadAllAsync())
        {
            if (Array.Find(_tracks, track => track.Channel == message.Channel) is { } track && Utf8Parser.TryParse(message.Payload.Span, out long number, out _))
            {
                lock (_lock)
                {
                    track.Receive(number);
                }
            }
        }
    }

    /// <summary>One channel: its messages are received in order.</summary>
    sealed class Track(string channel)
    {
        readonly Queue<(long Number, long At)> _awaited = new();
        long _last;

        public string Channel => channel;

        public long Delivered { get; private set; }

        public long Received { get; private set; }

        public long Missed { get; private set; }

        public long OutOfOrder { get; private set; }

        public void Deliver(long number, long at)
        {
            Delivered++;

            // it may arrive before the publisher hears of it
            if (number > _last)
            {
                _awaited.Enqueue((number, at));
            }
        }

        public void Receive(long number)
        {
            Received++;
            if (number <= _last)
            {
                OutOfOrder++;
                return;
            }

            _last = number;
            while (_awaited.TryPeek(out var awaited) && awaited.Number <= number)
            {
                Missed += awaited.Number < number ? 1 : 0;
                _awaited.Dequeue();
            }
        }

        public void GiveUp(TimeProvider time, TimeSpan after)
        {
            while (_awaited.TryPeek(out var awaited) && time.GetElapsedTime(awaited.At) > after)
            {
                Missed++;
                _awaited.Dequeue();
            }
        }
    }
}
