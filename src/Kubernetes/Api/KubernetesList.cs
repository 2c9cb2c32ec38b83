namespace Slotwise.Kubernetes.Api;

/// <summary>One page of a list.</summary>
/// <param name="Items">In the server's order.</param>
/// <param name="ResourceVersion">The state of the collection that the whole list shows; a watch may start here.</param>
/// <param name="Continue">Where the next page starts; null after the last one.</param>
public sealed record KubernetesList<T>(IReadOnlyList<T> Items, string ResourceVersion, string? Continue);
