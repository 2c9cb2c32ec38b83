using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>One server process to talk to. A plan names servers by it, so a plan can be shown, compared and tested without any connection.</summary>
/// <param name="Pod">The pod's name, for people.</param>
/// <param name="PodUid">The pod's uid: the server must prove it before anything is changed.</param>
/// <param name="Endpoint">Where it listens.</param>
public sealed record ServerReference(string Pod, string PodUid, RedisEndpoint Endpoint)
{
    public override string ToString() => Pod;
}
