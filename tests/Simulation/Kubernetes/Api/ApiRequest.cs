namespace Slotwise.Simulation.Kubernetes.Api;

/// <summary>A request of a client.</summary>
/// <param name="Client">Who asks.</param>
/// <param name="Verb">get, list, watch, create, apply, patch, update or delete.</param>
/// <param name="Kind">The plural name of the kind.</param>
/// <param name="Name">Namespace and name; only the former for a list.</param>
/// <param name="Subresource">Such as status.</param>
public sealed record ApiRequest(string Client, string Verb, string Kind, string Name, string? Subresource = null)
{
    /// <summary>Whether it changes something.</summary>
    public bool IsWrite => Verb is not ("get" or "list" or "watch");

    public override string ToString() => $"{Verb} {Kind} {Name}{(Subresource is null ? "" : "/" + Subresource)}";
}
