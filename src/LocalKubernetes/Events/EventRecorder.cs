using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Events;

/// <summary>
/// Tells what happened to an object, so that <c>kubectl describe</c> shows it. Best effort: nobody waits for an event, and one
/// that cannot be written is dropped. The same event again counts up the one that is there.
/// </summary>
public sealed partial class EventRecorder(IKubernetesApi api, string component, string instance, TimeProvider time, ILogger logger)
{
    const int Remembered = 4096;

    readonly Channel<(V1ObjectReference Regarding, string Type, string Reason, string Note)> _queue =
        Channel.CreateBounded<(V1ObjectReference, string, string, string)>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest });

    readonly Dictionary<(string? Uid, string Reason, string Note), (string Name, string Namespace, int Count)> _recent = [];
    readonly string _suffix = Guid.NewGuid().ToString("N")[..8];
    long _number;

    /// <param name="obj">What it happened to.</param>
    /// <param name="reason">In one CamelCase word.</param>
    /// <param name="note">For people. Never a secret.</param>
    public void Normal(IKubernetesObject obj, string reason, string note) => Record(Reference(obj), "Normal", reason, note);

    public void Warning(IKubernetesObject obj, string reason, string note) => Record(Reference(obj), "Warning", reason, note);

    public void Record(V1ObjectReference regarding, string type, string reason, string note) => _queue.Writer.TryWrite((regarding, type, reason, note.Length > 1024 ? note[..1024] : note));

    public static V1ObjectReference Reference(IKubernetesObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return new V1ObjectReference
        {
            ApiVersion = obj.ApiVersion,
            Kind = obj.Kind,
            Name = obj.Metadata.Name,
            NamespaceProperty = obj.Metadata.NamespaceProperty,
            Uid = obj.Metadata.Uid,
            ResourceVersion = obj.Metadata.ResourceVersion,
        };
    }

    /// <summary>Writes what is recorded until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (regarding, type, reason, note) in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                await WriteAsync(regarding, type, reason, note, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the end
        }
    }

    async Task WriteAsync(V1ObjectReference regarding, string type, string reason, string note, CancellationToken cancellationToken)
    {
        var key = (regarding.Uid, reason, note);
        var now = time.GetUtcNow();
        try
        {
            if (_recent.TryGetValue(key, out var known))
            {
                _recent[key] = known with { Count = known.Count + 1 };
                var series = new JsonObject { ["count"] = known.Count + 1, ["lastObservedTime"] = MicroTime(now) };
                var again = new JsonObject { ["series"] = series, ["deprecatedCount"] = known.Count + 1, ["deprecatedLastTimestamp"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) };
                await api.MergePatchAsync<EventsV1Event>(known.Namespace, known.Name, again, null, cancellationToken);
                return;
            }

            var ns = regarding.NamespaceProperty is { Length: > 0 } own ? own : "default";
            var name = $"{regarding.Name}.{_suffix}{Interlocked.Increment(ref _number):x}";
            await api.CreateAsync(
                new EventsV1Event
                {
                    Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns },
                    EventTime = now,
                    Type = type,
                    Reason = reason,
                    Action = reason,
                    Note = note,
                    Regarding = regarding,
                    ReportingController = component,
                    ReportingInstance = instance,
                    DeprecatedFirstTimestamp = now,
                    DeprecatedLastTimestamp = now,
                    DeprecatedCount = 1,
                },
                cancellationToken);
            if (_recent.Count >= Remembered)
            {
                _recent.Clear();
            }

            _recent[key] = (name, ns, 1);
        }
        catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
        {
            _recent.Remove(key);
            LogDropped(logger, reason, e.Message);
        }
    }

    static string MicroTime(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Debug, Message = "An event ({Reason}) was not written: {Why}")]
    static partial void LogDropped(ILogger logger, string reason, string why);
}
