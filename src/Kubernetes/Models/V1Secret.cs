using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>Confidential values for pods to read. Never log one.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Secret", PluralName = "secrets")]
public sealed record V1Secret : IKubernetesObject<V1Secret>
{
    public static JsonTypeInfo<V1Secret> JsonTypeInfo => KubernetesJson.Default.V1Secret;

    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    public string Kind { get; init => field = value ?? "Secret"; } = "Secret";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public string? Type { get; init; }

    public bool? Immutable { get; init; }

    /// <summary>Values, base64 on the wire.</summary>
    public IReadOnlyDictionary<string, byte[]>? Data { get; init; }

    public override string ToString() => $"Secret {Metadata.NamespaceProperty}/{Metadata.Name}";
}
