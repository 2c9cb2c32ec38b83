using System.Net;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Pods;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Nodes.Faults;

/// <summary>Makes trouble for the pods of all hosts.</summary>
sealed class PodFaults(Rack rack) : IPodFaults
{
    PodNetwork Network => rack.Network;

    public async Task InflictAsync(PodFault fault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var (pod, node) = Find(fault.PodUid) ?? throw ApiError.BadRequest("the pod runs on no host now");
        switch (fault)
        {
            case PauseFault pause:
                RunningOf(pod, pause.Container).Pause(pause.Paused);
                break;
            case SignalFault signal:
                RunningOf(pod, signal.Container).Signal(signal.Signal);
                break;
            case LinkFault { Cut: false, Others.Count: 0 }:
                await Network.MendAsync(AddressOf(pod), cancellationToken);
                break;
            case LinkFault link:
                await ChangeAsync(link, AddressOf(pod), node, cancellationToken);
                break;
            case ClockFault clock:
                if (pod.TrySetClock(clock.Offset))
                {
                    break;
                }

                throw ApiError.BadRequest($"clock: pod {pod.Pod.Metadata.Name} has the machine's clock. Only one that is made with the annotation {PodClock.Annotation}: adjustable has its own");
            case AddressFault { NextAddress: var address }:
                if (!Network.TryReserve(address))
                {
                    throw ApiError.BadRequest($"nextAddress: {address} is no address of {Network.Subnet} that a pod can have");
                }

                rack.Addresses.Want(NamespacedName.Of(pod.Pod), address);
                break;
        }
    }

    async Task ChangeAsync(LinkFault link, IPAddress own, Node node, CancellationToken cancellationToken)
    {
        foreach (var other in link.Others.SelectMany(name => EndsOf(name, node)))
        {
            await (link.Cut ? Network.CutAsync(own, other, cancellationToken) : Network.MendAsync(own, other, cancellationToken));
        }
    }

    IReadOnlyList<IPAddress?> EndsOf(string name, Node node) => name switch
    {
        LinkFault.Pods => [null],
        LinkFault.Host => [Network.MachineAddress, node.Network.HostAddress],
        _ => [AddressOf((Find(name) ?? throw ApiError.BadRequest("the other pod runs on no host now")).Pod)],
    };

    (PodWorker Pod, Node Node)? Find(string uid) =>
        rack.Nodes.Select(node => (Pod: node.Agent?.Find(uid), Node: node)).Where(found => found.Pod is not null).Select(found => ((PodWorker, Node)?)(found.Pod!, found.Node)).FirstOrDefault();

    static IRunningContainer RunningOf(PodWorker pod, string? container) =>
        pod.Running(container) ?? throw ApiError.BadRequest($"container {container ?? "(the first)"} of pod {pod.Pod.Metadata.Name} does not run now");

    static IPAddress AddressOf(PodWorker pod) => pod.Address ?? throw ApiError.BadRequest($"pod {pod.Pod.Metadata.Name} is not on the network now");
}
