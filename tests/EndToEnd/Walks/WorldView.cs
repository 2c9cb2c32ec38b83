using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Redis;

namespace Slotwise.EndToEnd.Walks;

/// <summary>What a server says of itself and the others.</summary>
sealed record ServerAnswer(string Pod, ClusterNodesTable Nodes, bool IsOk)
{
    public ClusterNode Myself => Nodes.Myself!;

    /// <summary>The slots that it is the owner of, as it believes.</summary>
    public SlotSet Owned => Myself.IsMaster ? Myself.Slots : SlotSet.Empty;
}

/// <summary>What can be seen from outside at one time.</summary>
sealed record WorldView
{
    /// <summary>When the look began. It takes a while, in which the world goes on.</summary>
    public required TimeSpan At { get; init; }

    public required IReadOnlyList<V1Pod> Pods { get; init; }

    public required IReadOnlyList<V1StatefulSet> Sets { get; init; }

    /// <summary>Of the servers that answered.</summary>
    public required IReadOnlyList<ServerAnswer> Servers { get; init; }

    /// <summary>As it was after all others had been looked at.</summary>
    public required RedisCluster Cluster { get; init; }

    /// <summary>What the user wanted until now.</summary>
    public required Wishes Wishes { get; init; }

    /// <summary>How long the operator's process runs; null while there is none.</summary>
    public required TimeSpan? OperatorUpFor { get; init; }

    /// <summary>The slots that some server owns.</summary>
    public SlotSet Owned => Servers.Aggregate(SlotSet.Empty, (all, server) => all.Union(server.Owned));

    public static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    public string Describe() => string.Concat(Servers.Select(server => $"{server.Pod} says ({(server.IsOk ? "ok" : "not ok")})\n{server.Nodes}"))
        + string.Concat(Cluster.Status?.Conditions.Select(condition => $"{condition.Type}={condition.Status} {condition.Reason}: {condition.Message}\n") ?? []);
}
