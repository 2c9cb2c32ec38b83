using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>A node in the table of one of our servers that none of our pods is, and who answered where it is said to be.</summary>
/// <param name="Id">The node id.</param>
/// <param name="Endpoint">Where it is said to be.</param>
/// <param name="ClusterUid">The cluster to which it proved to belong, under that very id; null when it proved nothing or did not answer.</param>
public sealed record StrangerObservation(NodeId Id, RedisEndpoint Endpoint, string? ClusterUid);
