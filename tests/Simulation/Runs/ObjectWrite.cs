using System.Text.Json.Nodes;

namespace Slotwise.Simulation.Runs;

/// <summary>A write of the operator to the API server.</summary>
/// <param name="Name">The name of the write, the same in all runs.</param>
/// <param name="Verb">create, apply, patch or delete.</param>
/// <param name="Kind">The kind of the object.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="ObjectName">Its name.</param>
/// <param name="Subresource">Which part of it; null for the object itself.</param>
/// <param name="Body">What is sent; null for a deletion.</param>
public sealed record ObjectWrite(string Name, string Verb, string Kind, string? Namespace, string ObjectName, string? Subresource, JsonNode? Body)
{
    /// <summary>Whether it only tells what the operator sees.</summary>
    public bool IsReport => Subresource == "status" || Kind is "Event" or "Lease";
}
