using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>A report that something happened to an object (<c>events.k8s.io/v1</c>); <c>kubectl describe</c> shows them.</summary>
[KubernetesEntity(Group = "events.k8s.io", ApiVersion = "v1", Kind = "Event", PluralName = "events")]
public sealed record EventsV1Event : IKubernetesObject<EventsV1Event>
{
    public static JsonTypeInfo<EventsV1Event> JsonTypeInfo => KubernetesJson.Default.EventsV1Event;

    public string ApiVersion { get; init => field = value ?? "events.k8s.io/v1"; } = "events.k8s.io/v1";

    public string Kind { get; init => field = value ?? "Event"; } = "Event";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? EventTime { get; init; }

    /// <summary><c>Normal</c> or <c>Warning</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Why, in one CamelCase word.</summary>
    public string? Reason { get; init; }

    /// <summary>What was done, in one CamelCase word.</summary>
    public string? Action { get; init; }

    /// <summary>For people; at most 1 kB.</summary>
    public string? Note { get; init; }

    public V1ObjectReference? Regarding { get; init; }

    public string? ReportingController { get; init; }

    public string? ReportingInstance { get; init; }

    public EventsV1EventSeries? Series { get; init; }

    /// <summary>As core/v1 events have it; only components of Kubernetes itself still write it.</summary>
    public DateTimeOffset? DeprecatedFirstTimestamp { get; init; }

    /// <summary>What <c>kubectl get events --sort-by=.lastTimestamp</c> sorts by.</summary>
    public DateTimeOffset? DeprecatedLastTimestamp { get; init; }

    public int? DeprecatedCount { get; init; }
}

/// <summary>Says that the same event was seen again.</summary>
public sealed record EventsV1EventSeries
{
    public required int Count { get; init; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? LastObservedTime { get; init; }
}
