using System.Text.Json.Serialization;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Json;

/// <summary>
/// How the built-in kinds are written and read: camelCase names, dictionary keys untouched (they are labels),
/// nulls never written, because a null in an apply patch would remove somebody's field.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowTrailingCommas = false,
    Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(V1Pod))]
[JsonSerializable(typeof(V1Service))]
[JsonSerializable(typeof(V1ConfigMap))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(V1Namespace))]
[JsonSerializable(typeof(V1Node))]
[JsonSerializable(typeof(V1PersistentVolumeClaim))]
[JsonSerializable(typeof(V1StatefulSet))]
[JsonSerializable(typeof(V1PodDisruptionBudget))]
[JsonSerializable(typeof(V1NetworkPolicy))]
[JsonSerializable(typeof(V1EndpointSlice))]
[JsonSerializable(typeof(V1Lease))]
[JsonSerializable(typeof(EventsV1Event))]
[JsonSerializable(typeof(V1Status))]
[JsonSerializable(typeof(V1ListMeta))]
public sealed partial class KubernetesJson : JsonSerializerContext;
