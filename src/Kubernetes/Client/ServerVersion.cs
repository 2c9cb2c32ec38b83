namespace Slotwise.Kubernetes.Client;

/// <summary>What the API server says it is.</summary>
public sealed record ServerVersion
{
    public string? Major { get; init; }

    public string? Minor { get; init; }

    /// <summary>Such as <c>v1.34.1</c>.</summary>
    public string? GitVersion { get; init; }

    public string? Platform { get; init; }
}
