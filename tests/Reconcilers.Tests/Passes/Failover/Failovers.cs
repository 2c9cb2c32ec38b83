using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Failover;

/// <summary>What the operator asked for.</summary>
static class Failovers
{
    /// <summary>The modes of all failovers, in order; a handover has none.</summary>
    public static IReadOnlyList<string> Of(ClusterWorld world) =>
        [.. world.Redis.Writes.Where(write => write.Contains("CLUSTER FAILOVER", StringComparison.Ordinal)).Select(write => write[(write.IndexOf("FAILOVER", StringComparison.Ordinal) + 8)..].Trim())];
}
