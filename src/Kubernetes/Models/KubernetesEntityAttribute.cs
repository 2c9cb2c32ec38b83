namespace Slotwise.Kubernetes.Models;

/// <summary>Says where the API serves a kind.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KubernetesEntityAttribute : Attribute
{
    /// <summary>Empty for the core group.</summary>
    public string Group { get; init; } = "";

    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required string PluralName { get; init; }

    public bool Namespaced { get; init; } = true;
}
