using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Claims;

/// <summary>A PersistentVolume: a directory of this machine.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "PersistentVolume", PluralName = "persistentvolumes", Namespaced = false)]
public sealed record VolumeDocument : IKubernetesObject<VolumeDocument>
{
    public static JsonTypeInfo<VolumeDocument> JsonTypeInfo => DocumentJson.Default.VolumeDocument;

    public string ApiVersion { get; init; } = "v1";

    public string Kind { get; init; } = "PersistentVolume";

    public V1ObjectMeta Metadata { get; init; } = new();

    public VolumeDocumentSpec Spec { get; init; } = new();

    public VolumeDocumentStatus? Status { get; init; }
}

public sealed record VolumeDocumentSpec
{
    public IReadOnlyDictionary<string, Quantity>? Capacity { get; init; }

    public IReadOnlyList<string>? AccessModes { get; init; }

    public string? PersistentVolumeReclaimPolicy { get; init; }

    public string? StorageClassName { get; init; }

    public string? VolumeMode { get; init; }

    public V1ObjectReference? ClaimRef { get; init; }

    public VolumeHostPath? HostPath { get; init; }

    public VolumeNodeAffinity? NodeAffinity { get; init; }
}

/// <summary>The hosts from which a volume can be used.</summary>
public sealed record VolumeNodeAffinity
{
    public V1NodeSelector? Required { get; init; }
}

public sealed record VolumeHostPath
{
    public string? Path { get; init; }

    public string? Type { get; init; }
}

public sealed record VolumeDocumentStatus
{
    public string? Phase { get; init; }
}

[KubernetesEntity(Group = "storage.k8s.io", ApiVersion = "v1", Kind = "StorageClass", PluralName = "storageclasses", Namespaced = false)]
public sealed record StorageClassDocument : IKubernetesObject<StorageClassDocument>
{
    public static JsonTypeInfo<StorageClassDocument> JsonTypeInfo => DocumentJson.Default.StorageClassDocument;

    public string ApiVersion { get; init; } = "storage.k8s.io/v1";

    public string Kind { get; init; } = "StorageClass";

    public V1ObjectMeta Metadata { get; init; } = new();

    public string? Provisioner { get; init; }

    public string? ReclaimPolicy { get; init; }

    public string? VolumeBindingMode { get; init; }

    public bool? AllowVolumeExpansion { get; init; }
}
