using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>A member of the cluster that takes part in a step under a node id, which it must still have then.</summary>
/// <param name="Server">The server.</param>
/// <param name="Id">Its node id.</param>
/// <param name="IsMaster">Whether it was a master when the plan was made.</param>
public sealed record Party(ServerReference Server, NodeId Id, bool IsMaster = true)
{
    public override string ToString() => Server.Pod;
}
