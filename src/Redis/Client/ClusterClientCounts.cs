namespace Slotwise.Redis;

/// <summary>What a cluster client met so far, without its callers noticing.</summary>
/// <param name="Moved">MOVED redirections followed.</param>
/// <param name="Asked">ASK redirections followed.</param>
/// <param name="TryAgains">Commands refused with TRYAGAIN and repeated.</param>
/// <param name="NotServing">Commands refused with CLUSTERDOWN, LOADING or MASTERDOWN and repeated.</param>
/// <param name="Unreached">Batches that could not be sent, or broke and could be repeated.</param>
/// <param name="Refreshes">How often the map of the slots was replaced.</param>
/// <param name="Opened">Connections opened.</param>
public sealed record ClusterClientCounts(long Moved, long Asked, long TryAgains, long NotServing, long Unreached, long Refreshes, long Opened)
{
    /// <summary>MOVED and ASK.</summary>
    public long Redirects => Moved + Asked;
}
