using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>One or more containers that share an address and volumes.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed record V1Pod : IKubernetesObject<V1Pod>
{
    public static JsonTypeInfo<V1Pod> JsonTypeInfo => KubernetesJson.Default.V1Pod;

    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    public string Kind { get; init => field = value ?? "Pod"; } = "Pod";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1PodSpec? Spec { get; init; }

    public V1PodStatus? Status { get; init; }
}

public sealed record V1PodSpec
{
    public IReadOnlyList<V1Container>? InitContainers { get; init; }

    public IReadOnlyList<V1Container> Containers { get; init => field = value ?? []; } = [];

    public IReadOnlyList<V1Volume>? Volumes { get; init; }

    public string? RestartPolicy { get; init; }

    public long? TerminationGracePeriodSeconds { get; init; }

    public long? ActiveDeadlineSeconds { get; init; }

    public IReadOnlyList<V1PodReadinessGate>? ReadinessGates { get; init; }

    /// <summary><c>ClusterFirst</c>, <c>Default</c> (the host's own) or <c>None</c> (only what <see cref="DnsConfig"/> says).</summary>
    public string? DnsPolicy { get; init; }

    public V1PodDNSConfig? DnsConfig { get; init; }

    /// <summary>More lines for the containers' /etc/hosts.</summary>
    public IReadOnlyList<V1HostAlias>? HostAliases { get; init; }

    public bool? ShareProcessNamespace { get; init; }

    public bool? SetHostnameAsFQDN { get; init; }

    public string? ServiceAccountName { get; init; }

    public bool? AutomountServiceAccountToken { get; init; }

    public string? NodeName { get; init; }

    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    public string? Hostname { get; init; }

    public string? Subdomain { get; init; }

    public bool? HostNetwork { get; init; }

    public bool? HostPID { get; init; }

    public bool? HostIPC { get; init; }

    public bool? EnableServiceLinks { get; init; }

    public V1PodSecurityContext? SecurityContext { get; init; }

    public IReadOnlyList<V1LocalObjectReference>? ImagePullSecrets { get; init; }

    public V1Affinity? Affinity { get; init; }

    public IReadOnlyList<V1Toleration>? Tolerations { get; init; }

    public IReadOnlyList<V1TopologySpreadConstraint>? TopologySpreadConstraints { get; init; }

    public string? PriorityClassName { get; init; }

    public string? SchedulerName { get; init; }

    /// <summary>The pod gets no host while there are any.</summary>
    public IReadOnlyList<V1PodSchedulingGate>? SchedulingGates { get; init; }
}

public sealed record V1PodReadinessGate
{
    public required string ConditionType { get; init; }
}

public sealed record V1PodDNSConfig
{
    public IReadOnlyList<string>? Nameservers { get; init; }

    public IReadOnlyList<string>? Searches { get; init; }

    public IReadOnlyList<V1PodDNSConfigOption>? Options { get; init; }
}

public sealed record V1PodDNSConfigOption
{
    public string? Name { get; init; }

    public string? Value { get; init; }
}

public sealed record V1HostAlias
{
    public required string Ip { get; init; }

    public IReadOnlyList<string>? Hostnames { get; init; }
}

public sealed record V1PodSecurityContext
{
    public bool? RunAsNonRoot { get; init; }

    public long? RunAsUser { get; init; }

    public long? RunAsGroup { get; init; }

    public long? FsGroup { get; init; }

    public IReadOnlyList<long>? SupplementalGroups { get; init; }

    public string? FsGroupChangePolicy { get; init; }

    public V1SeccompProfile? SeccompProfile { get; init; }
}

public sealed record V1SeccompProfile
{
    public required string Type { get; init; }

    public string? LocalhostProfile { get; init; }
}

public sealed record V1LocalObjectReference
{
    public string? Name { get; init; }
}

public sealed record V1PodStatus
{
    public string? Phase { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public string? HostIP { get; init; }

    public IReadOnlyList<V1HostIP>? HostIPs { get; init; }

    public string? PodIP { get; init; }

    public IReadOnlyList<V1PodIP>? PodIPs { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public string? QosClass { get; init; }

    public IReadOnlyList<V1PodCondition>? Conditions { get; init; }

    public IReadOnlyList<V1ContainerStatus>? InitContainerStatuses { get; init; }

    public IReadOnlyList<V1ContainerStatus>? ContainerStatuses { get; init; }
}

public sealed record V1HostIP
{
    public string? Ip { get; init; }
}

public sealed record V1PodIP
{
    public string? Ip { get; init; }
}

/// <summary>Something that must happen before the pod gets a host; whoever put it there takes it away.</summary>
public sealed record V1PodSchedulingGate
{
    public required string Name { get; init; }
}

public sealed record V1PodCondition
{
    public required string Type { get; init; }

    public required string Status { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? LastProbeTime { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }
}

public sealed record V1ContainerStatus
{
    public required string Name { get; init; }

    public string? Image { get; init; }

    public string? ImageID { get; init; }

    /// <summary>Differs between two runs of the same container.</summary>
    public string? ContainerID { get; init; }

    public bool Ready { get; init; }

    public bool? Started { get; init; }

    public int RestartCount { get; init; }

    public V1ContainerState? State { get; init; }

    public V1ContainerState? LastState { get; init; }
}

/// <summary>Exactly one of the three is set.</summary>
public sealed record V1ContainerState
{
    public V1ContainerStateWaiting? Waiting { get; init; }

    public V1ContainerStateRunning? Running { get; init; }

    public V1ContainerStateTerminated? Terminated { get; init; }
}

public sealed record V1ContainerStateWaiting
{
    public string? Reason { get; init; }

    public string? Message { get; init; }
}

public sealed record V1ContainerStateRunning
{
    public DateTimeOffset? StartedAt { get; init; }
}

public sealed record V1ContainerStateTerminated
{
    public int ExitCode { get; init; }

    public int? Signal { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? ContainerID { get; init; }
}
