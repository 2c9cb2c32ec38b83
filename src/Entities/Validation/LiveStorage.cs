using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities.Validation;

/// <summary>What a cluster's StatefulSets say about its storage. It tells whether a change of <c>spec.storage</c> can be carried out.</summary>
/// <param name="Size">The largest size in their claim templates, or null where the servers are ephemeral. Claims of an earlier cluster may be larger, which is no fault.</param>
/// <param name="StorageClassName">
/// As written in the StatefulSets' claim template, which the API server, unlike in a claim, does not fill in with the default class.
/// </param>
public sealed record LiveStorage(Quantity? Size, string? StorageClassName);
