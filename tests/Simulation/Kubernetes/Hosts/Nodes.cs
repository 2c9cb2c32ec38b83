using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Hosts;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes.Objects;

namespace Slotwise.Simulation.Kubernetes.Hosts;

/// <summary>The objects that stand for hosts, and their heartbeats, which nobody but the control plane reads: they are not in the store.</summary>
sealed class Nodes(Simulator simulator, IKubernetesApi api, LiveCache<V1Node> nodes, IReadOnlyList<Host> hosts) : IObjectCache<V1Lease>
{
    public bool HasSynced => true;

    /// <summary>What a kubelet does with its first beat, and with every one after the control plane gave it up.</summary>
    public void SayReady(Host host)
    {
        if (nodes.Get(new NamespacedName("", host.Name)) is not { } node || Taints.IsReady(node))
        {
            return;
        }

        var json = JsonSerializer.SerializeToNode(new V1Node { Status = new V1NodeStatus { Conditions = Host.Conditions(simulator.Time.GetUtcNow()) } }, V1Node.JsonTypeInfo)!["status"]!.DeepClone();
        api.MergePatchAsync<V1Node>(null, host.Name, new JsonObject { ["status"] = json }, "status", CancellationToken.None).GetAwaiter().GetResult();
    }

    public void Register(Host host)
    {
        if (nodes.Get(new NamespacedName("", host.Name)) is null)
        {
            api.CreateAsync(host.BuildNode(simulator.Time.GetUtcNow()), CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    public V1Lease? Get(NamespacedName name) => hosts.FirstOrDefault(host => host.Name == name.Name) is { LastBeat: { } beat }
        ? new V1Lease { Metadata = new V1ObjectMeta { Name = name.Name }, Spec = new V1LeaseSpec { RenewTime = beat } }
        : null;

    public IReadOnlyList<V1Lease> List() => [.. hosts.Select(host => Get(new NamespacedName("kube-node-lease", host.Name))).OfType<V1Lease>()];

    public IReadOnlyList<V1Lease> OwnedBy(NamespacedName owner) => throw new NotSupportedException();
}
