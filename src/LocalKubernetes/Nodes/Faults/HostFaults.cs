using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Network;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Nodes.Faults;

/// <summary>Makes trouble for whole hosts.</summary>
sealed class HostFaults(Rack rack) : IHostFaults
{
    SwitchRules Rules => rack.Network.Rules;

    public async Task InflictAsync(HostFault fault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var host = rack.Nodes.FirstOrDefault(node => node.Name == fault.Host) ?? throw ApiError.BadRequest($"there is no host {fault.Host} here, only {string.Join(", ", rack.Nodes.Select(node => node.Name))}");
        switch (fault)
        {
            case PowerFault { On: true }:
                await host.PowerOnAsync(cancellationToken);
                break;
            case PowerFault:
                await host.PowerOffAsync(cancellationToken);
                break;
            case HostClockFault clock:
                rack.Clocks.Set(host.Name, clock.Offset);
                foreach (var pod in host.Agent?.Workers ?? [])
                {
                    _ = pod.TrySetClock(clock.Offset);
                }

                break;
            case HostLossFault loss:
                await Rules.SetLossAsync(host.Network, loss.Percent, cancellationToken);
                break;
            case HostLinkFault { Cut: false, Others.Count: 0 }:
                await ChangeAsync(host, [HostLinkFault.Hosts, HostLinkFault.Server, HostLinkFault.Machine], cut: false, cancellationToken);
                break;
            case HostLinkFault link:
                await ChangeAsync(host, link.Others, link.Cut, cancellationToken);
                break;
        }
    }

    async Task ChangeAsync(Node host, IReadOnlyList<string> ends, bool cut, CancellationToken cancellationToken)
    {
        foreach (var end in ends)
        {
            switch (end)
            {
                case HostLinkFault.Server:
                    host.SetApiCut(cut);
                    await Rules.SetServerCutAsync(host.Network, cut, cancellationToken);
                    break;
                case HostLinkFault.Machine:
                    await Rules.SetMachineCutAsync(host.Network, cut, cancellationToken);
                    break;
                default:
                    foreach (var other in OthersOf(host, end))
                    {
                        await Rules.SetHostsCutAsync(host.Network, other.Network, cut, cancellationToken);
                    }

                    break;
            }
        }
    }

    List<Node> OthersOf(Node host, string end)
    {
        var others = rack.Nodes.Where(node => node != host && (end == HostLinkFault.Hosts || node.Name == end || node.Zone == end)).ToList();
        return others.Count > 0 || end == HostLinkFault.Hosts ? others : throw ApiError.BadRequest($"\"{end}\" is neither another host nor a zone with one, nor {HostLinkFault.Hosts}, {HostLinkFault.Server} or {HostLinkFault.Machine}");
    }
}
