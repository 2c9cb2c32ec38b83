using System.Text.Json.Serialization;

namespace Slotwise.Kubernetes.Models;

/// <summary>One program of a pod.</summary>
public sealed record V1Container
{
    public required string Name { get; init; }

    public string? Image { get; init; }

    public string? ImagePullPolicy { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public string? WorkingDir { get; init; }

    public IReadOnlyList<V1ContainerPort>? Ports { get; init; }

    public IReadOnlyList<V1EnvVar>? Env { get; init; }

    public IReadOnlyList<V1EnvFromSource>? EnvFrom { get; init; }

    public V1ResourceRequirements? Resources { get; init; }

    public IReadOnlyList<V1VolumeMount>? VolumeMounts { get; init; }

    public V1Probe? StartupProbe { get; init; }

    public V1Probe? ReadinessProbe { get; init; }

    public V1Probe? LivenessProbe { get; init; }

    public V1Lifecycle? Lifecycle { get; init; }

    public V1SecurityContext? SecurityContext { get; init; }

    public string? TerminationMessagePath { get; init; }

    public string? TerminationMessagePolicy { get; init; }

    public string? RestartPolicy { get; init; }
}

public sealed record V1ContainerPort
{
    public string? Name { get; init; }

    public required int ContainerPort { get; init; }

    public string? Protocol { get; init; }
}

public sealed record V1EnvVar
{
    public required string Name { get; init; }

    public string? Value { get; init; }

    public V1EnvVarSource? ValueFrom { get; init; }
}

public sealed record V1EnvVarSource
{
    public V1ObjectFieldSelector? FieldRef { get; init; }

    public V1ResourceFieldSelector? ResourceFieldRef { get; init; }

    public V1KeySelector? ConfigMapKeyRef { get; init; }

    public V1KeySelector? SecretKeyRef { get; init; }
}

public sealed record V1EnvFromSource
{
    public string? Prefix { get; init; }

    public V1OptionalReference? ConfigMapRef { get; init; }

    public V1OptionalReference? SecretRef { get; init; }
}

public sealed record V1OptionalReference
{
    public string? Name { get; init; }

    public bool? Optional { get; init; }
}

public sealed record V1ObjectFieldSelector
{
    public string? ApiVersion { get; init; }

    public required string FieldPath { get; init; }
}

public sealed record V1ResourceFieldSelector
{
    public string? ContainerName { get; init; }

    public required string Resource { get; init; }

    public Quantity? Divisor { get; init; }
}

public sealed record V1KeySelector
{
    public string? Name { get; init; }

    public required string Key { get; init; }

    public bool? Optional { get; init; }
}

/// <summary>Amounts asked for and amounts not to be exceeded, by resource name.</summary>
public sealed record V1ResourceRequirements
{
    /// <summary>Amounts that the container must not exceed, such as <c>memory: 1Gi</c>.</summary>
    public IReadOnlyDictionary<string, Quantity>? Limits { get; init; }

    /// <summary>Amounts that the scheduler sets aside, such as <c>cpu: 100m</c>.</summary>
    public IReadOnlyDictionary<string, Quantity>? Requests { get; init; }
}

public sealed record V1VolumeMount
{
    public required string Name { get; init; }

    public required string MountPath { get; init; }

    public string? SubPath { get; init; }

    public bool? ReadOnly { get; init; }
}

public sealed record V1Lifecycle
{
    public V1LifecycleHandler? PostStart { get; init; }

    public V1LifecycleHandler? PreStop { get; init; }
}

public sealed record V1SleepAction
{
    public required long Seconds { get; init; }
}

public sealed record V1LifecycleHandler
{
    public V1ExecAction? Exec { get; init; }

    public V1HTTPGetAction? HttpGet { get; init; }

    public V1TCPSocketAction? TcpSocket { get; init; }

    public V1SleepAction? Sleep { get; init; }
}

public sealed record V1ExecAction
{
    public IReadOnlyList<string>? Command { get; init; }
}

public sealed record V1HTTPGetAction
{
    public string? Host { get; init; }

    public string? Path { get; init; }

    public required IntOrString Port { get; init; }

    public string? Scheme { get; init; }

    public IReadOnlyList<V1HTTPHeader>? HttpHeaders { get; init; }
}

public sealed record V1HTTPHeader
{
    public required string Name { get; init; }

    public required string Value { get; init; }
}

public sealed record V1TCPSocketAction
{
    public string? Host { get; init; }

    public required IntOrString Port { get; init; }
}

/// <summary>A question that the kubelet asks a container again and again. Exactly one of exec, httpGet and tcpSocket is set.</summary>
/// <summary>The service <c>grpc.health.v1.Health</c> is asked.</summary>
public sealed record V1GRPCAction
{
    public required int Port { get; init; }

    /// <summary>What it is asked about; empty: the server as a whole.</summary>
    public string? Service { get; init; }
}

public sealed record V1Probe
{
    public V1ExecAction? Exec { get; init; }

    public V1HTTPGetAction? HttpGet { get; init; }

    public V1TCPSocketAction? TcpSocket { get; init; }

    public V1GRPCAction? Grpc { get; init; }

    public int? InitialDelaySeconds { get; init; }

    public int? PeriodSeconds { get; init; }

    public int? TimeoutSeconds { get; init; }

    public int? SuccessThreshold { get; init; }

    public int? FailureThreshold { get; init; }

    public long? TerminationGracePeriodSeconds { get; init; }
}

public sealed record V1SecurityContext
{
    public bool? AllowPrivilegeEscalation { get; init; }

    public bool? Privileged { get; init; }

    public bool? ReadOnlyRootFilesystem { get; init; }

    public bool? RunAsNonRoot { get; init; }

    public long? RunAsUser { get; init; }

    public long? RunAsGroup { get; init; }

    public V1Capabilities? Capabilities { get; init; }

    public V1SeccompProfile? SeccompProfile { get; init; }
}

public sealed record V1Capabilities
{
    public IReadOnlyList<string>? Add { get; init; }

    public IReadOnlyList<string>? Drop { get; init; }
}

public sealed record V1Volume
{
    public required string Name { get; init; }

    public V1EmptyDirVolumeSource? EmptyDir { get; init; }

    public V1ConfigMapVolumeSource? ConfigMap { get; init; }

    public V1SecretVolumeSource? Secret { get; init; }

    public V1PersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; init; }

    [JsonPropertyName("downwardAPI")]
    public V1DownwardAPIVolumeSource? DownwardAPI { get; init; }

    public V1ProjectedVolumeSource? Projected { get; init; }
}

public sealed record V1EmptyDirVolumeSource
{
    public string? Medium { get; init; }

    public Quantity? SizeLimit { get; init; }
}

public sealed record V1KeyToPath
{
    public required string Key { get; init; }

    public required string Path { get; init; }

    public int? Mode { get; init; }
}

public sealed record V1ConfigMapVolumeSource
{
    public string? Name { get; init; }

    public int? DefaultMode { get; init; }

    public bool? Optional { get; init; }

    public IReadOnlyList<V1KeyToPath>? Items { get; init; }
}

public sealed record V1SecretVolumeSource
{
    public string? SecretName { get; init; }

    public int? DefaultMode { get; init; }

    public bool? Optional { get; init; }

    public IReadOnlyList<V1KeyToPath>? Items { get; init; }
}

public sealed record V1PersistentVolumeClaimVolumeSource
{
    public required string ClaimName { get; init; }

    public bool? ReadOnly { get; init; }
}

public sealed record V1DownwardAPIVolumeSource
{
    public int? DefaultMode { get; init; }

    public IReadOnlyList<V1DownwardAPIVolumeFile>? Items { get; init; }
}

public sealed record V1DownwardAPIVolumeFile
{
    public required string Path { get; init; }

    public V1ObjectFieldSelector? FieldRef { get; init; }

    public V1ResourceFieldSelector? ResourceFieldRef { get; init; }

    public int? Mode { get; init; }
}

public sealed record V1ProjectedVolumeSource
{
    public int? DefaultMode { get; init; }

    public IReadOnlyList<V1VolumeProjection>? Sources { get; init; }
}

public sealed record V1VolumeProjection
{
    public V1ConfigMapVolumeSource? ConfigMap { get; init; }

    public V1ProjectedSecret? Secret { get; init; }

    [JsonPropertyName("downwardAPI")]
    public V1DownwardAPIVolumeSource? DownwardAPI { get; init; }

    public V1ServiceAccountTokenProjection? ServiceAccountToken { get; init; }
}

/// <summary>A token of the pod's service account, bound to the pod.</summary>
public sealed record V1ServiceAccountTokenProjection
{
    /// <summary>Whom it is meant for; null: the API server.</summary>
    public string? Audience { get; init; }

    /// <summary>Default: an hour.</summary>
    public long? ExpirationSeconds { get; init; }

    /// <summary>The file, below the volume's root.</summary>
    public required string Path { get; init; }
}

public sealed record V1ProjectedSecret
{
    public string? Name { get; init; }

    public bool? Optional { get; init; }

    public IReadOnlyList<V1KeyToPath>? Items { get; init; }
}
