namespace Slotwise.Entities;

/// <summary>Annotations with which a user tells the operator what a spec is not for: a decision about one situation.</summary>
public static class RedisClusterAnnotations
{
    /// <summary><c>true</c> lets slots move to servers that are too small for them: these will evict keys or refuse writes.</summary>
    public const string AllowEviction = "slotwise.dev/allow-eviction";

    /// <summary>With <c>rebalance.mode: Manual</c>, the id of the plan that may be carried out; it approves no other one.</summary>
    public const string ApproveRebalance = "slotwise.dev/approve-rebalance";

    /// <summary>Any new value has every pod replaced, one shard at a time: <c>kubectl annotate rdc orders --overwrite slotwise.dev/restart="$(date)"</c>.</summary>
    public const string Restart = "slotwise.dev/restart";
}
