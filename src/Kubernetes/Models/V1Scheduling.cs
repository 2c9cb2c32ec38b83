using System.Text.Json.Serialization;

namespace Slotwise.Kubernetes.Models;

public sealed record V1Affinity
{
    public V1NodeAffinity? NodeAffinity { get; init; }

    public V1PodAffinity? PodAffinity { get; init; }

    public V1PodAffinity? PodAntiAffinity { get; init; }
}

public sealed record V1NodeAffinity
{
    public V1NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    public IReadOnlyList<V1PreferredSchedulingTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

public sealed record V1NodeSelector
{
    public IReadOnlyList<V1NodeSelectorTerm> NodeSelectorTerms { get; init => field = value ?? []; } = [];
}

public sealed record V1NodeSelectorTerm
{
    public IReadOnlyList<V1NodeSelectorRequirement>? MatchExpressions { get; init; }

    public IReadOnlyList<V1NodeSelectorRequirement>? MatchFields { get; init; }
}

public sealed record V1NodeSelectorRequirement
{
    public required string Key { get; init; }

    [JsonPropertyName("operator")]
    public required string OperatorProperty { get; init; }

    public IReadOnlyList<string>? Values { get; init; }
}

public sealed record V1PreferredSchedulingTerm
{
    public required int Weight { get; init; }

    public required V1NodeSelectorTerm Preference { get; init; }
}

/// <summary>Serves both affinity and anti-affinity between pods: their shapes are the same.</summary>
public sealed record V1PodAffinity
{
    public IReadOnlyList<V1PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    public IReadOnlyList<V1WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

public sealed record V1WeightedPodAffinityTerm
{
    public required int Weight { get; init; }

    public required V1PodAffinityTerm PodAffinityTerm { get; init; }
}

public sealed record V1PodAffinityTerm
{
    public V1LabelSelector? LabelSelector { get; init; }

    public IReadOnlyList<string>? Namespaces { get; init; }

    public V1LabelSelector? NamespaceSelector { get; init; }

    public required string TopologyKey { get; init; }
}

public sealed record V1Toleration
{
    public string? Key { get; init; }

    [JsonPropertyName("operator")]
    public string? OperatorProperty { get; init; }

    public string? Value { get; init; }

    public string? Effect { get; init; }

    public long? TolerationSeconds { get; init; }
}

public sealed record V1TopologySpreadConstraint
{
    public required int MaxSkew { get; init; }

    public int? MinDomains { get; init; }

    public required string TopologyKey { get; init; }

    public required string WhenUnsatisfiable { get; init; }

    public V1LabelSelector? LabelSelector { get; init; }

    public IReadOnlyList<string>? MatchLabelKeys { get; init; }

    public string? NodeAffinityPolicy { get; init; }

    public string? NodeTaintsPolicy { get; init; }
}
