using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Entities;
using Slotwise.Entities.Json;
using Slotwise.Kubernetes.Events;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Status;

/// <summary>How a status is written, and what about it deserves an event.</summary>
public static class StatusReport
{
    /// <summary>Whether writing the status would change anything.</summary>
    public static bool IsSame(RedisClusterStatus? live, RedisClusterStatus computed) => live is not null && JsonNode.DeepEquals(ToJson(live), ToJson(computed));

    /// <summary>The object to apply to the status subresource: the name and the status, nothing of the spec.</summary>
    public static RedisCluster Build(RedisCluster cluster, RedisClusterStatus status)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return new RedisCluster
        {
            Metadata = new V1ObjectMeta { Name = cluster.Metadata.Name, NamespaceProperty = cluster.Metadata.NamespaceProperty },

            // Not written: an apply names only what it owns.
            Spec = null!,
            Status = status,
        };
    }

    /// <summary>The changes of Ready and Stalled, which people want to hear of.</summary>
    public static IEnumerable<(EventType Type, string Reason, string Note)> Transitions(RedisClusterStatus? before, RedisClusterStatus after)
    {
        ArgumentNullException.ThrowIfNull(after);
        var ready = Find(after, Conditions.Ready);
        var wasReady = Find(before, Conditions.Ready)?.Status == "True";
        if (ready is { Status: "True" } && !wasReady)
        {
            yield return (EventType.Normal, "Ready", $"The cluster is ready: {ready.Message}");
        }
        else if (ready is { Status: "False" } && wasReady && after.Operation is null)
        {
            // Of an operation its own event tells, and it is no trouble.
            yield return (EventType.Warning, "NotReady", $"The cluster is no longer ready: {ready.Message}");
        }

        if (Find(after, Conditions.Stalled) is { Status: "True" } stalled && Find(before, Conditions.Stalled)?.Message != stalled.Message)
        {
            yield return (EventType.Warning, stalled.Reason ?? Conditions.Stalled, stalled.Message ?? "");
        }
    }

    static V1Condition? Find(RedisClusterStatus? status, string type) => status?.Conditions.FirstOrDefault(condition => condition.Type == type);

    static JsonNode? ToJson(RedisClusterStatus status) => JsonSerializer.SerializeToNode(status, RedisClusterJson.Default.RedisClusterStatus);
}
