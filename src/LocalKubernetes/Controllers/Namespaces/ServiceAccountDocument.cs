using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Namespaces;

[KubernetesEntity(ApiVersion = "v1", Kind = "ServiceAccount", PluralName = "serviceaccounts")]
public sealed record ServiceAccountDocument : IKubernetesObject<ServiceAccountDocument>
{
    public static JsonTypeInfo<ServiceAccountDocument> JsonTypeInfo => DocumentJson.Default.ServiceAccountDocument;

    public string ApiVersion { get; init; } = "v1";

    public string Kind { get; init; } = "ServiceAccount";

    public V1ObjectMeta Metadata { get; init; } = new();
}
