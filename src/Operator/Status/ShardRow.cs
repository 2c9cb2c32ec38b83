using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.Status;

/// <summary>One line of the table of shards, as text.</summary>
sealed record ShardRow(string Index, string Master, string Replicas, string Slots, string Keys, string Memory)
{
    const string Unknown = "-";

    public static readonly IReadOnlyList<string> Headings = ["SHARD", "MASTER", "REPLICAS", "SLOTS", "KEYS", "MEMORY"];

    public IReadOnlyList<string> Cells => [Index, Master, Replicas, Slots, Keys, Memory];

    /// <summary>The shards there shall be and those there still are, by index.</summary>
    public static IReadOnlyList<ShardRow> BuildAll(ClusterPicture picture)
    {
        var indices = Enumerable.Range(0, picture.Spec.Shards).Union(picture.Pods.Select(pod => pod.Shard)).Order();
        return [.. indices.Select(index => picture.IsRedisReachable ? BuildFromRedis(picture, index) : BuildFromReport(picture, index))];
    }

    static ShardRow BuildFromRedis(ClusterPicture picture, int index)
    {
        var pods = picture.Pods.Where(pod => pod.Shard == index).ToList();
        // A node that owns nothing is a master by name only while the cluster forms, and not the one this shard is about.
        var master = pods.Where(pod => pod.Node is { IsMaster: true }).MaxBy(pod => pod.Node!.Slots.Count);
        var replicas = pods.Where(pod => pod != master).Select(pod => $"{pod.Name} {Describe(pod, master)}");
        var node = master?.Node;
        return new ShardRow(
            Number(index),
            master?.Name ?? Unknown,
            pods.Count > (master is null ? 0 : 1) ? string.Join(", ", replicas) : Unknown,
            node is null || node.Slots.IsEmpty ? Unknown : node.Slots.ToString(),
            node is null ? Unknown : Number(node.Keys),
            node is null ? Unknown : ByteText.Of(node.UsedMemory));
    }

    static ShardRow BuildFromReport(ClusterPicture picture, int index)
    {
        var shard = picture.Resource.Status?.Shards.FirstOrDefault(candidate => candidate.Index == index);
        return new ShardRow(
            Number(index),
            shard?.Master ?? Unknown,
            shard is { Replicas.Count: > 0 } ? string.Join(", ", shard.Replicas) : Unknown,
            string.IsNullOrEmpty(shard?.Slots) ? Unknown : shard.Slots,
            Unknown,
            Unknown);
    }

    static string Describe(PodPicture pod, PodPicture? master) => pod.Node switch
    {
        null => pod.IsReady ? "(no answer)" : "(not ready)",
        { IsMaster: true } => "(master of nothing yet)",
        { IsLinkUp: false } => "(link down)",
        var node when node.MasterId != master?.Node?.Id => "(follows another shard)",
        _ => "(in sync)",
    };

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
