using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Selection;
using Slotwise.ObjectStore.Watching;
using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.Kubernetes.Api;

/// <summary>An open watch: what changed, in order, each a little later, and how it ended.</summary>
sealed class WatchStream : IDisposable
{
    readonly ApiServer _server;
    readonly ApiClient _client;
    readonly string? _namespace;
    readonly LabelSelector _labels;
    readonly Queue<(TimeSpan At, StoreEvent Event)> _coming = new();
    readonly Queue<StoreEvent> _arrived = new();
    readonly Appointment _timeout;
    TaskCompletionSource? _waiter;
    TimeSpan _last;
    bool _isDelivering;

    public WatchStream(ApiServer server, ApiClient client, ResourceKind kind, string? ns, string? labels, long from, TimeSpan timeout)
    {
        _server = server;
        _client = client;
        Kind = kind;
        _namespace = ns;
        _labels = LabelSelector.Parse(labels);
        server.Open(this);
        foreach (var change in server.ChangesAfter(kind, from))
        {
            Hear(change);
        }

        _timeout = server.World.Simulator.After(timeout, () => End(null));
    }

    public ResourceKind Kind { get; }

    public bool IsOver { get; private set; }

    /// <summary>Why it ended; null when the server closed it as it does with every watch at some time.</summary>
    public string? Trouble { get; private set; }

    public void Hear(StoreChange change)
    {
        if (IsOver || change.Kind.GroupResource != Kind.GroupResource || EventOf(change) is not { } told)
        {
            return;
        }

        var at = _server.World.Simulator.Now + _server.Draw(_server.World.Delays.Watch) + _server.LagOf(Kind);
        _last = at > _last ? at : _last;
        _coming.Enqueue((_last, told));
        if (_server.DrawRepeat() && told.Type != WatchEventType.Deleted)
        {
            _coming.Enqueue((_last, told with { Type = WatchEventType.Modified }));
        }

        DeliverNext();
    }

    /// <summary>The next event; false when none has arrived.</summary>
    public bool TryTake(out StoreEvent told) => _arrived.TryDequeue(out told!);

    /// <summary>Completes when something has arrived or the watch is over.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_arrived.Count > 0 || IsOver)
        {
            return;
        }

        var waiter = _waiter = new TaskCompletionSource();
        await using var registration = cancellationToken.UnsafeRegister(_ => waiter.TrySetCanceled(cancellationToken), null);
        await waiter.Task;
    }

    public void Break(string why) => End(why);

    public void Dispose()
    {
        IsOver = true;
        _timeout.Cancel();
        _server.Close(this);
    }

    void End(string? trouble)
    {
        if (!IsOver)
        {
            Trouble = trouble;
            Dispose();
            Wake();
        }
    }

    void DeliverNext()
    {
        if (_isDelivering || _coming.Count == 0)
        {
            return;
        }

        _isDelivering = true;
        _server.World.Simulator.After(_coming.Peek().At - _server.World.Simulator.Now, Deliver);
    }

    void Deliver()
    {
        _isDelivering = false;
        if (IsOver)
        {
            return;
        }

        if (!_client.IsReached)
        {
            return; // the client finds out that nothing comes any more, and breaks the watch
        }

        while (_coming.TryPeek(out var next) && next.At <= _server.World.Simulator.Now)
        {
            _coming.Dequeue();
            if (!_server.Coalesces || !_coming.Any(later => IsNewer(later.Event, next.Event)))
            {
                _arrived.Enqueue(next.Event);
            }
        }

        Wake();
        DeliverNext();
    }

    /// <summary>Lets what was held up while the line was cut arrive.</summary>
    public void Resume() => DeliverNext();

    void Wake()
    {
        var waiter = _waiter;
        _waiter = null;
        waiter?.TrySetResult();
    }

    static bool IsNewer(StoreEvent later, StoreEvent earlier) =>
        earlier.Type == WatchEventType.Modified && later.Type == WatchEventType.Modified && Meta.Uid(later.Object!.Json) == Meta.Uid(earlier.Object!.Json);

    StoreEvent? EventOf(StoreChange change)
    {
        var matched = change.Before is { } before && Matches(before);
        var matches = change.After is { } after && Matches(after);
        return (matched, matches) switch
        {
            (false, true) => new StoreEvent(WatchEventType.Added, change.After, change.ResourceVersion),
            (true, true) => new StoreEvent(WatchEventType.Modified, change.After, change.ResourceVersion),
            (true, false) => new StoreEvent(WatchEventType.Deleted, change.Before, change.ResourceVersion),
            _ => null,
        };
    }

    bool Matches(StoredObject stored) => (_namespace is null || stored.Key.Namespace == _namespace) && _labels.Matches(stored.Json);
}
