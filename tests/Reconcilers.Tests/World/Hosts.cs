using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>The machines that pods run on, as Nodes of the API server.</summary>
sealed class Hosts(IKubernetesApi api, ClusterCaches caches, TimeProvider time)
{
    const int Count = 3;

    readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Where a pod goes: the pods of a shard apart, and away from hosts that are gone.</summary>
    public async Task<string> PlaceAsync(string pod)
    {
        var parts = pod.Split('-');
        var first = int.Parse(parts[^1], CultureInfo.InvariantCulture) + int.Parse(parts[^2], CultureInfo.InvariantCulture);
        for (var number = 0; number < Count; number++)
        {
            var host = string.Create(CultureInfo.InvariantCulture, $"host-{(first + number) % Count}");
            if (_known.Add(host))
            {
                await api.CreateAsync(
                    new V1Node
                    {
                        Metadata = new V1ObjectMeta { Name = host, Labels = new SortedDictionary<string, string> { ["topology.kubernetes.io/zone"] = $"zone-{host[^1]}" } },
                    },
                    CancellationToken.None);
                await ReportAsync(host, "True");
            }

            if (caches.Hosts.Get(new NamespacedName("", host)) is { } node && HostObservation.Of(node) is { IsReady: true, IsOutOfService: false })
            {
                return host;
            }
        }

        return "";
    }

    /// <summary>Its kubelet does not report, or does again.</summary>
    public Task ReportAsync(string host, string isReady) => api.ApplyAsync(
        new V1Node
        {
            Metadata = new V1ObjectMeta { Name = host },
            Status = new V1NodeStatus { Conditions = [new V1NodeCondition { Type = "Ready", Status = isReady, LastTransitionTime = time.GetUtcNow() }] },
        },
        new ApplyOptions { FieldManager = "kubelet", Subresource = "status" },
        CancellationToken.None);

    /// <summary>It stands in another zone.</summary>
    public Task MoveAsync(string host, string zone) => api.MergePatchAsync<V1Node>(
        null,
        host,
        new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["topology.kubernetes.io/zone"] = zone } } },
        subresource: null,
        CancellationToken.None);

    /// <summary>An administrator vouches that it is off.</summary>
    public Task TaintAsync(string host) => api.ApplyAsync(
        new V1Node
        {
            Metadata = new V1ObjectMeta { Name = host },
            Spec = new V1NodeSpec { Taints = [new V1Taint { Key = "node.kubernetes.io/out-of-service", Value = "nodeshutdown", Effect = "NoExecute" }] },
        },
        new ApplyOptions { FieldManager = "administrator" },
        CancellationToken.None);

    /// <summary>Its Node is deleted, as a cloud does for a machine that it gave back.</summary>
    public Task DeleteAsync(string host) => api.DeleteAsync<V1Node>(null, host, new DeleteOptions(), CancellationToken.None);
}
