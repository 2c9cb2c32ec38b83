using System.Net;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>One host's part of the pods' network: an address of its own, and a range for its pods.</summary>
public sealed class HostNetwork
{
    readonly PodNetwork _network;

    internal HostNetwork(PodNetwork network, AddressPool addresses, int group)
    {
        _network = network;
        Addresses = addresses;
        Group = group;
    }

    /// <summary>What its pods get addresses from, unless they ask for certain ones.</summary>
    public Subnet Range => Addresses.Subnet;

    /// <summary>The host's own address: its probes come from there.</summary>
    public IPAddress HostAddress => Addresses.Gateway;

    internal AddressPool Addresses { get; }

    /// <summary>The group of its pods' ports at the switch.</summary>
    internal int Group { get; }

    /// <summary>Gives a pod of this host a network namespace with an address, a loopback and a way to everything else.</summary>
    /// <param name="name">Part of the namespace's name, for people.</param>
    /// <param name="wanted">The address that it must have; null for the next free one.</param>
    /// <exception cref="Machine.HostCommandException">The wanted address is not free, or a command of the system failed.</exception>
    public Task<PodAddress> AttachAsync(string name, IPAddress? wanted, CancellationToken cancellationToken) => _network.AttachAsync(this, name, wanted, cancellationToken);

    /// <summary>Takes a pod off the network. Its processes must have ended. Does nothing when it is off already.</summary>
    public Task DetachAsync(PodAddress pod, CancellationToken cancellationToken) => _network.DetachAsync(pod, cancellationToken);
}
