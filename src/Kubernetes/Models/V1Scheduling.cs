using System.Text.Json.Serialization;

namespace Slotwise.Kubernetes.Models;

/// <summary>Attraction and repulsion when a pod is scheduled.</summary>
public sealed record V1Affinity
{
    /// <summary>Attraction to hosts by their labels.</summary>
    public V1NodeAffinity? NodeAffinity { get; init; }

    /// <summary>Attraction to hosts or zones where pods with certain labels run.</summary>
    public V1PodAffinity? PodAffinity { get; init; }

    /// <summary>Repulsion from hosts or zones where pods with certain labels run.</summary>
    public V1PodAffinity? PodAntiAffinity { get; init; }
}

/// <summary>Attraction to hosts by their labels.</summary>
public sealed record V1NodeAffinity
{
    /// <summary>What a host must be like; a pod that runs stays when its host changes.</summary>
    public V1NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    /// <summary>What a host should be like; the host with the greatest sum of weights is taken.</summary>
    public IReadOnlyList<V1PreferredSchedulingTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>Hosts that fit at least one of the terms.</summary>
public sealed record V1NodeSelector
{
    /// <summary>The terms; one that fits is enough.</summary>
    public IReadOnlyList<V1NodeSelectorTerm> NodeSelectorTerms { get; init => field = value ?? []; } = [];
}

/// <summary>Hosts that fit all of the requirements.</summary>
public sealed record V1NodeSelectorTerm
{
    /// <summary>Requirements on the labels of the host.</summary>
    public IReadOnlyList<V1NodeSelectorRequirement>? MatchExpressions { get; init; }

    /// <summary>Requirements on the fields of the host, such as metadata.name.</summary>
    public IReadOnlyList<V1NodeSelectorRequirement>? MatchFields { get; init; }
}

/// <summary>A requirement on one label or field.</summary>
public sealed record V1NodeSelectorRequirement
{
    /// <summary>The label or field.</summary>
    public required string Key { get; init; }

    /// <summary>In, NotIn, Exists, DoesNotExist, Gt or Lt.</summary>
    [JsonPropertyName("operator")]
    public required string OperatorProperty { get; init; }

    /// <summary>The values for In and NotIn, none for Exists and DoesNotExist, one integer for Gt and Lt.</summary>
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>A term and how much it counts.</summary>
public sealed record V1PreferredSchedulingTerm
{
    /// <summary>What a host that fits gains, 1 to 100.</summary>
    public required int Weight { get; init; }

    /// <summary>What the host should be like.</summary>
    public required V1NodeSelectorTerm Preference { get; init; }
}

/// <summary>Serves both affinity and anti-affinity between pods: their shapes are the same.</summary>
public sealed record V1PodAffinity
{
    /// <summary>What must hold; a pod that runs stays when it no longer does.</summary>
    public IReadOnlyList<V1PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    /// <summary>What should hold; the host with the greatest sum of weights is taken.</summary>
    public IReadOnlyList<V1WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>A term and how much it counts.</summary>
public sealed record V1WeightedPodAffinityTerm
{
    /// <summary>What a host that fits gains, 1 to 100.</summary>
    public required int Weight { get; init; }

    /// <summary>The pods, and what counts as the same place.</summary>
    public required V1PodAffinityTerm PodAffinityTerm { get; init; }
}

/// <summary>Pods, and what counts as the same place.</summary>
public sealed record V1PodAffinityTerm
{
    /// <summary>The labels of the pods.</summary>
    public V1LabelSelector? LabelSelector { get; init; }

    /// <summary>The namespaces of the pods; by default that of the pod itself.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>The labels of the namespaces of the pods; an empty one selects all.</summary>
    public V1LabelSelector? NamespaceSelector { get; init; }

    /// <summary>The label of hosts whose equal values make the same place, such as kubernetes.io/hostname.</summary>
    public required string TopologyKey { get; init; }
}

/// <summary>A taint of hosts that a pod tolerates.</summary>
public sealed record V1Toleration
{
    /// <summary>The key of the taint; absent means every key and needs the operator Exists.</summary>
    public string? Key { get; init; }

    /// <summary>Exists or Equal; Equal is the default.</summary>
    [JsonPropertyName("operator")]
    public string? OperatorProperty { get; init; }

    /// <summary>The value of the taint, for Equal.</summary>
    public string? Value { get; init; }

    /// <summary>NoSchedule, PreferNoSchedule or NoExecute; absent means each of them.</summary>
    public string? Effect { get; init; }

    /// <summary>How long a NoExecute taint is tolerated before the pod is evicted, in seconds; absent means for ever.</summary>
    public long? TolerationSeconds { get; init; }
}

/// <summary>How evenly pods are spread over places.</summary>
public sealed record V1TopologySpreadConstraint
{
    /// <summary>By how many pods two places may differ, at least 1.</summary>
    public required int MaxSkew { get; init; }

    /// <summary>Fewer places than this are taken as if an empty one were among them; only with DoNotSchedule.</summary>
    public int? MinDomains { get; init; }

    /// <summary>The label of hosts whose equal values make one place, such as topology.kubernetes.io/zone.</summary>
    public required string TopologyKey { get; init; }

    /// <summary>DoNotSchedule lets the pod wait, ScheduleAnyway takes the best place there is.</summary>
    public required string WhenUnsatisfiable { get; init; }

    /// <summary>The labels of the pods that are counted.</summary>
    public V1LabelSelector? LabelSelector { get; init; }

    /// <summary>Labels of the pod itself that the counted pods must share.</summary>
    public IReadOnlyList<string>? MatchLabelKeys { get; init; }

    /// <summary>Honor counts only hosts that fit the pod's node selector and affinity, Ignore counts all; Honor is the default.</summary>
    public string? NodeAffinityPolicy { get; init; }

    /// <summary>Honor counts only hosts whose taints the pod tolerates, Ignore counts all; Ignore is the default.</summary>
    public string? NodeTaintsPolicy { get; init; }
}
