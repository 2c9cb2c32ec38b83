using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Hosts;

/// <summary>Notices that a host is silent: its conditions become Unknown, it is tainted, and its pods are no longer ready. kube-controller-manager's node lifecycle controller.</summary>
public sealed class HostMonitor(
    IKubernetesApi api, IObjectCache<V1Node> nodes, IObjectCache<V1Lease> leases, IObjectCache<V1Pod> pods, HostDelays delays, EventRecorder events, TimeProvider time)
{
    static readonly string[] KubeletConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    readonly Dictionary<string, Heard> _heard = [];
    bool _allWereLost;

    /// <summary>Looks again and again until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await LookAsync(cancellationToken);
                await Task.Delay(delays.Monitor, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the end
        }
    }

    async Task LookAsync(CancellationToken cancellationToken)
    {
        var all = nodes.List();
        var looked = new List<V1Node>();
        foreach (var node in all)
        {
            try
            {
                looked.Add(await LookAsync(node, cancellationToken));
            }
            catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
            {
                // changed meanwhile, or the API server is away: the next look
                looked.Add(node);
            }
        }

        foreach (var name in _heard.Keys.Except(all.Select(node => node.Metadata.Name!)).ToList())
        {
            _heard.Remove(name);
        }

        await TaintAsync(looked, cancellationToken);
    }

    async Task<V1Node> LookAsync(V1Node node, CancellationToken cancellationToken)
    {
        var name = node.Metadata.Name!;
        var now = time.GetUtcNow();
        var sign = (leases.Get(new NamespacedName("kube-node-lease", name))?.Spec?.RenewTime, Taints.Condition(node, "Ready")?.LastHeartbeatTime);
        if (!_heard.TryGetValue(name, out var heard) || heard.Sign != sign)
        {
            if (heard.Sign == default)
            {
                events.Normal(node, "RegisteredNode", $"Node {name} event: Registered Node {name} in Controller");
            }

            _heard[name] = heard = new Heard(sign, now);
        }

        if (now - heard.At > delays.Grace && Taints.Condition(node, "Ready")?.Status != "Unknown")
        {
            node = await MarkUnknownAsync(node, now, cancellationToken);
        }

        if (!Taints.IsReady(node) && Taints.Condition(node, "Ready") is not null)
        {
            await MarkPodsAsync(name, cancellationToken);
        }

        return node;
    }

    async Task<V1Node> MarkUnknownAsync(V1Node node, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var wasReady = Taints.IsReady(node);
        var before = node.Status?.Conditions ?? [];
        var conditions = before.Select(condition => KubeletConditions.Contains(condition.Type)
            ? condition with { Status = "Unknown", Reason = "NodeStatusUnknown", Message = "Kubelet stopped posting node status.", LastTransitionTime = now }
            : condition);
        var never = KubeletConditions.Where(type => before.All(condition => condition.Type != type)).Select(type => new V1NodeCondition
        {
            Type = type,
            Status = "Unknown",
            Reason = "NodeStatusNeverUpdated",
            Message = "Kubelet never posted node status.",
            LastHeartbeatTime = node.Metadata.CreationTimestamp,
            LastTransitionTime = now,
        });
        var marked = node with { Status = new V1NodeStatus { Conditions = [.. conditions, .. never] } };
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["status"] = new JsonObject { ["conditions"] = JsonSerializer.SerializeToNode(marked, V1Node.JsonTypeInfo)!["status"]!["conditions"]!.DeepClone() },
        };
        var written = await api.MergePatchAsync<V1Node>(null, node.Metadata.Name!, patch, "status", cancellationToken);
        if (wasReady)
        {
            events.Normal(written, "NodeNotReady", $"Node {node.Metadata.Name} status is now: NodeNotReady");
        }

        return written;
    }

    async Task MarkPodsAsync(string host, CancellationToken cancellationToken)
    {
        foreach (var pod in pods.List().Where(pod => pod.Spec?.NodeName == host && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true))
        {
            try
            {
                await PodConditions.SetAsync(api, pod, pod.Status!.Conditions!.First(condition => condition.Type == "Ready") with { Status = "False" }, null, time.GetUtcNow(), cancellationToken);
                events.Warning(pod, "NodeNotReady", "Node is not ready");
            }
            catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // gone, or the next look
            }
        }
    }

    /// <summary>While no host at all is ready it is the control plane that is cut off: nobody loses pods then.</summary>
    async Task TaintAsync(List<V1Node> all, CancellationToken cancellationToken)
    {
        var allAreLost = all.Count > 0 && !all.Any(Taints.IsReady);
        var now = time.GetUtcNow();
        if (_allWereLost && !allAreLost)
        {
            // what was not heard meanwhile proves nothing
            foreach (var name in _heard.Keys.ToList())
            {
                _heard[name] = _heard[name] with { At = now };
            }
        }

        _allWereLost = allAreLost;
        foreach (var node in all)
        {
            var taints = Taints.Of(node, evicts: !allAreLost, now);
            if (taints.SequenceEqual(node.Spec?.Taints ?? []))
            {
                continue;
            }

            try
            {
                await Taints.WriteAsync(api, node, taints, cancellationToken);
            }
            catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
            {
                // the next look
            }
        }
    }

    readonly record struct Heard((DateTimeOffset? Lease, DateTimeOffset? Status) Sign, DateTimeOffset At);
}
