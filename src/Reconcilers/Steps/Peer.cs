using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>A server that another one is told of.</summary>
/// <param name="Server">The server.</param>
/// <param name="BusPort">Where it gossips.</param>
public sealed record Peer(ServerReference Server, int BusPort);
