using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Queues;

namespace Slotwise.Kubernetes.Events;

/// <summary>
/// Writes <c>events.k8s.io/v1</c> events from a loop of its own, so that a slow or forbidding API server never holds up a pass.
/// What is told again after the quiet time extends the first event to a series.
/// </summary>
public sealed partial class EventRecorder(IKubernetesApi api, string controller, string instance, TimeProvider time, ILogger logger) : IEventRecorder
{
    const int MaxNoteBytes = 1024;
    const int MaxPending = 500;
    const int MaxRemembered = 2000;

    static readonly TimeSpan QuietTime = TimeSpan.FromMinutes(10);
    static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    readonly Lock _lock = new();
    readonly Queue<Occurrence> _pending = new();
    readonly SortedDictionary<(string Regarding, string Reason, string Note), Occurrence> _remembered = [];
    readonly Signal _added = new();
    long _written;

    public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note)
    {
        ArgumentNullException.ThrowIfNull(regarding);
        note = Cut(note ?? "");
        var key = (regarding.Metadata.Uid ?? $"{regarding.Kind}/{NamespacedName.Of(regarding)}", reason, note);
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_remembered.TryGetValue(key, out var known))
            {
                known.Count++;
                known.LastSeen = now;
                if (now - known.LastWritten < QuietTime)
                {
                    return;
                }
            }
            else
            {
                MakeRoom();
                _remembered[key] = known = new Occurrence(Build(regarding, type, reason, action, note, now)) { LastSeen = now };
            }

            known.LastWritten = now;
            if (_pending.Count < MaxPending)
            {
                _pending.Enqueue(known);
                _added.Set();
            }
        }
    }

    /// <summary>Writes until cancelled, then what is left within two seconds.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _added.WaitAsync(cancellationToken);
                _added.Reset();
                await WriteAllAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        using var timeout = new CancellationTokenSource(FlushTimeout, time);
        try
        {
            await WriteAllAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            LogDropped(logger, "shutting down");
        }
    }

    async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        while (Next() is { } next)
        {
            try
            {
                await WriteAsync(next, cancellationToken);
            }
            catch (Exception exception) when (exception is KubernetesApiException or KubernetesUnreachableException)
            {
                LogDropped(logger, exception.Message);
            }

            Remove();
        }
    }

    /// <summary>It stays in the list while it is written: a shutdown in the middle must not lose it.</summary>
    Occurrence? Next()
    {
        lock (_lock)
        {
            return _pending.TryPeek(out var next) ? next : null;
        }
    }

    void Remove()
    {
        lock (_lock)
        {
            _pending.Dequeue();
        }
    }

    async Task WriteAsync(Occurrence occurrence, CancellationToken cancellationToken)
    {
        int count;
        DateTimeOffset last;
        lock (_lock)
        {
            (count, last) = (occurrence.Count, occurrence.LastSeen);
        }

        if (count > 1 && occurrence.Written is { } written)
        {
            var series = JsonNode.Parse($$"""{"count":{{count.ToString(CultureInfo.InvariantCulture)}},"lastObservedTime":"{{last.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}}"}""");
            try
            {
                await api.MergePatchAsync<EventsV1Event>(written.NamespaceProperty, written.Name!, new JsonObject { ["series"] = series }, null, cancellationToken);
                return;
            }
            catch (KubernetesApiException refusal) when (refusal.IsNotFound)
            {
                // events live for an hour or so: this one starts anew
            }
        }

        var metadata = occurrence.First.Metadata with { Name = NewName(occurrence.First) };
        await api.CreateAsync(occurrence.First with { Metadata = metadata, EventTime = last }, cancellationToken);
        occurrence.Written = metadata;
    }

    /// <summary>Unique among the events of a namespace as long as they live, like client-go's: the object's name and the time.</summary>
    string NewName(EventsV1Event first)
    {
        var suffix = $".{time.GetUtcNow().UtcTicks:x}{Interlocked.Increment(ref _written) & 0xfff:x3}";
        var name = first.Metadata.Name!;
        return name[..Math.Min(name.Length, 253 - suffix.Length)] + suffix;
    }

    EventsV1Event Build(IKubernetesObject regarding, EventType type, string reason, string action, string note, DateTimeOffset now)
    {
        var ns = regarding.Metadata.NamespaceProperty;
        return new EventsV1Event
        {
            Metadata = new V1ObjectMeta { Name = regarding.Metadata.Name ?? "", NamespaceProperty = string.IsNullOrEmpty(ns) ? "default" : ns },
            EventTime = now,
            Type = type == EventType.Warning ? "Warning" : "Normal",
            Reason = reason,
            Action = action,
            Note = note,
            ReportingController = controller,
            ReportingInstance = instance,
            Regarding = new V1ObjectReference
            {
                ApiVersion = regarding.ApiVersion,
                Kind = regarding.Kind,
                Name = regarding.Metadata.Name,
                NamespaceProperty = ns,
                Uid = regarding.Metadata.Uid,
                ResourceVersion = regarding.Metadata.ResourceVersion,
            },
        };
    }

    static string Cut(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= MaxNoteBytes)
        {
            return note;
        }

        var text = new StringBuilder();
        var bytes = Encoding.UTF8.GetByteCount("…");
        foreach (var rune in note.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxNoteBytes)
            {
                break;
            }

            text.Append(rune);
        }

        return text.Append('…').ToString();
    }

    void MakeRoom()
    {
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Remove(_remembered.MinBy(entry => entry.Value.LastSeen).Key);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "An event was not written: {Reason}")]
    static partial void LogDropped(ILogger logger, string reason);

    sealed class Occurrence(EventsV1Event first)
    {
        public EventsV1Event First => first;

        public int Count { get; set; } = 1;

        public DateTimeOffset LastSeen { get; set; }

        /// <summary>When it was last handed to the writing loop.</summary>
        public DateTimeOffset LastWritten { get; set; }

        /// <summary>The event on the server that can become a series. Only the writing loop uses it.</summary>
        public V1ObjectMeta? Written { get; set; }
    }
}
