using System.Net;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Pods;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Nodes.Faults;

/// <summary>Makes trouble for the pods of this node.</summary>
sealed class PodFaults(NodeAgent agent, PodNetwork network, WantedAddresses addresses) : IPodFaults
{
    public async Task InflictAsync(PodFault fault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var pod = agent.Find(fault.PodUid) ?? throw ApiError.BadRequest("the pod does not run on this node");
        switch (fault)
        {
            case PauseFault pause:
                RunningOf(pod, pause.Container).Pause(pause.Paused);
                break;
            case SignalFault signal:
                RunningOf(pod, signal.Container).Signal(signal.Signal);
                break;
            case LinkFault { Cut: false, Others.Count: 0 }:
                await network.MendAsync(AddressOf(pod), cancellationToken);
                break;
            case LinkFault link:
                await ChangeAsync(link, AddressOf(pod), cancellationToken);
                break;
            case AddressFault { NextAddress: var address }:
                if (!network.TryReserve(address))
                {
                    throw ApiError.BadRequest($"nextAddress: {address} is no address of {network.Subnet} that a pod can have");
                }

                addresses.Want(NamespacedName.Of(pod.Pod), address);
                break;
        }
    }

    async Task ChangeAsync(LinkFault link, IPAddress own, CancellationToken cancellationToken)
    {
        foreach (var name in link.Others)
        {
            var other = name switch
            {
                LinkFault.Pods => null,
                LinkFault.Host => network.HostAddress,
                _ => AddressOf(agent.Find(name) ?? throw ApiError.BadRequest("the other pod does not run on this node")),
            };
            await (link.Cut ? network.CutAsync(own, other, cancellationToken) : network.MendAsync(own, other, cancellationToken));
        }
    }

    static IRunningContainer RunningOf(PodWorker pod, string? container) =>
        pod.Running(container) ?? throw ApiError.BadRequest($"container {container ?? "(the first)"} of pod {pod.Pod.Metadata.Name} does not run now");

    static IPAddress AddressOf(PodWorker pod) => pod.Address ?? throw ApiError.BadRequest($"pod {pod.Pod.Metadata.Name} is not on the network now");
}
