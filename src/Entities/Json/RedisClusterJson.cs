using System.Text.Json.Serialization;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Entities.Json;

/// <summary>How a <see cref="RedisCluster"/> is written and read: as <see cref="KubernetesJson"/> does, and enums by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowTrailingCommas = false,
    UseStringEnumConverter = true,
    Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(RedisCluster))]
public sealed partial class RedisClusterJson : JsonSerializerContext;
