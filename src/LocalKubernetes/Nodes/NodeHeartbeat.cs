using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>Says again and again that a host is alive: by its Lease each time, by its Node's status when that no longer says so, or every five minutes.</summary>
/// <remarks>kubelet: nodeLeaseDurationSeconds 40, renewed after a quarter; nodeStatusReportFrequency 5 min.</remarks>
sealed partial class NodeHeartbeat(IKubernetesApi api, V1Node self, NodeOptions options, TimeProvider time, ILogger logger)
{
    public const string LeaseNamespace = "kube-node-lease";

    const int LeaseSeconds = 40;

    static readonly TimeSpan StatusInterval = TimeSpan.FromMinutes(5);

    DateTimeOffset _reported = DateTimeOffset.MinValue;

    string Name => self.Metadata.Name!;

    /// <summary>Makes the Node, or takes over the one that is there from an earlier life.</summary>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        try
        {
            await api.CreateAsync(self, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // cordons and taints of that life stay
        }

        await BeatAsync(cancellationToken);
    }

    /// <summary>Beats until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.HeartbeatInterval, time, cancellationToken);
                try
                {
                    await BeatAsync(cancellationToken);
                }
                catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
                {
                    LogNoBeat(logger, Name, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the host goes
        }
    }

    async Task BeatAsync(CancellationToken cancellationToken)
    {
        var node = await api.GetAsync<V1Node>(null, Name, cancellationToken);
        await RenewLeaseAsync(node, cancellationToken);
        var now = time.GetUtcNow();
        var ready = node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
        if (ready && now - _reported < StatusInterval)
        {
            return;
        }

        var status = self.Status! with { Conditions = [.. self.Status.Conditions!.Select(condition => Since(condition, node, now))] };
        var patch = new JsonObject { ["status"] = JsonSerializer.SerializeToNode(self with { Status = status }, V1Node.JsonTypeInfo)!["status"]!.DeepClone() };
        await api.MergePatchAsync<V1Node>(null, Name, patch, "status", cancellationToken);
        _reported = now;
    }

    static V1NodeCondition Since(V1NodeCondition condition, V1Node before, DateTimeOffset now)
    {
        var known = before.Status?.Conditions?.FirstOrDefault(one => one.Type == condition.Type);
        return condition with { LastHeartbeatTime = now, LastTransitionTime = known?.Status == condition.Status ? known.LastTransitionTime : now };
    }

    async Task RenewLeaseAsync(V1Node node, CancellationToken cancellationToken)
    {
        var lease = new V1Lease
        {
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                NamespaceProperty = LeaseNamespace,
                OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Node", Name = Name, Uid = node.Metadata.Uid! }],
            },
            Spec = new V1LeaseSpec { HolderIdentity = Name, LeaseDurationSeconds = LeaseSeconds, RenewTime = time.GetUtcNow() },
        };
        var json = JsonSerializer.SerializeToNode(lease, V1Lease.JsonTypeInfo)!.AsObject();
        try
        {
            await api.MergePatchAsync<V1Lease>(LeaseNamespace, Name, new JsonObject { ["spec"] = json["spec"]!.DeepClone() }, null, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            await api.CreateAsync(lease, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Host {Name} could not say that it is alive: {Reason}")]
    static partial void LogNoBeat(ILogger logger, string name, string reason);
}
