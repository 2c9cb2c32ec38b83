using System.Text.Json.Serialization;

namespace Slotwise.Kubernetes.Models;

/// <summary>What every object carries: its name, its identity and its versions.</summary>
public sealed record V1ObjectMeta
{
    public string? Name { get; init; }

    [JsonPropertyName("namespace")]
    public string? NamespaceProperty { get; init; }

    public string? GenerateName { get; init; }

    /// <summary>Differs between two objects of the same name that lived one after the other.</summary>
    public string? Uid { get; init; }

    /// <summary>Opaque; changes with every write of the object.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Counts changes of the desired state.</summary>
    public long? Generation { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When set, deletion was asked for: the object goes once its grace period is over and its finalizers are gone.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    public long? DeletionGracePeriodSeconds { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public IReadOnlyList<V1OwnerReference>? OwnerReferences { get; init; }

    public IReadOnlyList<string>? Finalizers { get; init; }
}

/// <summary>Names the object that this one belongs to; garbage collection deletes it with its owner.</summary>
public sealed record V1OwnerReference
{
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    public bool? Controller { get; init; }

    public bool? BlockOwnerDeletion { get; init; }
}

/// <summary>Selects objects by their labels; all parts must hold.</summary>
public sealed record V1LabelSelector
{
    /// <summary>Labels and the values that they must have.</summary>
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Further requirements on labels.</summary>
    public IReadOnlyList<V1LabelSelectorRequirement>? MatchExpressions { get; init; }
}

/// <summary>One condition on a label: <c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>.</summary>
public sealed record V1LabelSelectorRequirement
{
    /// <summary>The label.</summary>
    public required string Key { get; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    [JsonPropertyName("operator")]
    public required string OperatorProperty { get; init; }

    /// <summary>The values for In and NotIn, none for Exists and DoesNotExist.</summary>
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>A condition as kstatus and <c>kubectl wait</c> read it.</summary>
public sealed record V1Condition
{
    /// <summary>What the condition is about, such as Ready.</summary>
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The metadata.generation that the condition is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When status changed last.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>Why, in one CamelCase word for programs.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, in a sentence for people.</summary>
    public string? Message { get; init; }
}
