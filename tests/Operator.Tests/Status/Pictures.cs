using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Operator.Status;
using Slotwise.Redis;

namespace Slotwise.Operator.Tests.Status;

/// <summary>Observations of one cluster at some moments of its life.</summary>
static class Pictures
{
    static readonly SlotSet[] Thirds = [SlotSet.Parse("0-5460"), SlotSet.Parse("5461-10922"), SlotSet.Parse("10923-16383")];

    public static ClusterPicture JustApplied { get; } = new(Resource(status: null), []);

    public static ClusterPicture ImageMissing { get; } = new(
        Resource(Status(ready: false, "waiting for 6 pods: sample-0-0 waits for its image")),
        [new PodPicture("sample-0-0", 0, false, "ErrImagePull: redis:99 is not here; there are redis:7.0", null)]);

    public static ClusterPicture Forming { get; } = new(
        Resource(Status(ready: false, "waiting for 5 nodes to meet")),
        [
            Pod(0, 0, Master(0) with { Slots = SlotSet.Empty, KnownNodes = 6 }),
            Pod(0, 1, Master(3) with { Slots = SlotSet.Empty, KnownNodes = 2 }),
            Pod(1, 0, Master(1) with { Slots = SlotSet.Empty, KnownNodes = 6 }),
            new PodPicture("sample-1-1", 1, false, null, null),
        ]);

    public static ClusterPicture Ready { get; } = new(
        Resource(Status(ready: true, "6 of 6 nodes are ready and all 16384 slots are served")),
        [
            Pod(0, 0, Master(0)), Pod(0, 1, Replica(3, 0)),
            Pod(1, 0, Replica(4, 1)), Pod(1, 1, Master(1)),
            Pod(2, 0, Master(2)), Pod(2, 1, Replica(5, 2) with { IsLinkUp = false }),
        ]);

    public static ClusterPicture FromAfar { get; } = Ready with
    {
        Pods = [.. Ready.Pods.Select(pod => pod with { Node = null })],
    };

    /// <summary>Slots move, and so many of them are left.</summary>
    public static ClusterPicture Moving(int left)
    {
        var started = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var status = Status(ready: false, "scaling out to 3 shards") with { Operation = new RedisClusterOperation { Kind = "ScalingOut", SlotsRemaining = left, StartTime = started } };
        return Ready with { Resource = Resource(status) };
    }

    public static RedisCluster Resource(RedisClusterStatus? status) => new()
    {
        Metadata = new V1ObjectMeta { Name = "sample", NamespaceProperty = "default", Generation = 2 },
        Spec = new RedisClusterSpec { Shards = 3, ReplicasPerShard = 1, Image = "redis:7.0" },
        Status = status,
    };

    static RedisClusterStatus Status(bool ready, string message) => new()
    {
        ObservedGeneration = 2,
        SlotsAssigned = ready ? 16384 : 0,
        Shards = ready
            ? [.. Thirds.Select((slots, index) => new RedisClusterShardStatus { Index = index, Master = $"sample-{index}-0", Replicas = [$"sample-{index}-1"], Slots = slots.ToString() })]
            : [],
        Conditions =
        [
            new V1Condition { Type = "QuorumSafe", Status = "True", Reason = "MajoritySpread" },
            new V1Condition { Type = "Reconciling", Status = ready ? "False" : "True", Reason = "Forming", Message = ready ? "" : message },
            new V1Condition { Type = "Ready", Status = ready ? "True" : "False", Reason = ready ? "Ready" : "Forming", Message = message },
        ],
    };

    static PodPicture Pod(int shard, int ordinal, NodePicture node) => new($"sample-{shard}-{ordinal}", shard, true, null, node);

    static NodePicture Master(int index) => new()
    {
        Id = Id(index),
        IsMaster = true,
        Slots = index < Thirds.Length ? Thirds[index] : SlotSet.Empty,
        KnownNodes = 6,
        Keys = 1234567 * index,
        UsedMemory = 1536 * 1024 * (index + 1),
    };

    static NodePicture Replica(int index, int master) => new() { Id = Id(index), IsMaster = false, MasterId = Id(master), IsLinkUp = true, KnownNodes = 6 };

    static NodeId Id(int index) => NodeId.Parse(new string((char)('a' + index), NodeId.TextLength));
}
