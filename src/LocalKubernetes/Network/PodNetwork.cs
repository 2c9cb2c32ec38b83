using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>Where a pod stands in the network.</summary>
/// <param name="Namespace">Its network namespace, as <c>ip netns</c> knows it.</param>
/// <param name="Address">Its own IPv4 address.</param>
public sealed record PodAddress(string Namespace, IPAddress Address)
{
    public string NamespacePath => $"/run/netns/{Namespace}";
}

/// <summary>
/// The pods' network of one instance: a switch that pods and the host are plugged into, each with a cable of its own.
/// </summary>
/// <remarks>
/// The switch is a network namespace that routes between its ports. The host sees one interface, no firewall rule of the host (Docker's
/// FORWARD policy, for one) stands between two pods, and deleting the namespace removes everything. Pods reach each other and the host,
/// and nothing beyond it. It is no bridge, because there every pod would have every other as a neighbour, and the kernel's table of
/// neighbours, one for all namespaces, is full at 1024: with 33 pods that all talk to each other.
/// </remarks>
public sealed class PodNetwork : IAsyncDisposable
{
    /// <summary>The switch, as seen from each of its ports. Link-local, so that it takes no address of the pods.</summary>
    const string Switch = "169.254.1.1";

    const string Uplink = "host0";

    // `ip` takes the kernel's routing lock for nearly all of its time: more at once only wait
    readonly SemaphoreSlim _turn = new(2);
    readonly string _switch;
    readonly string _instance;
    readonly AddressPool _addresses;
    readonly CutLinks _cuts;
    readonly SemaphoreSlim _cutting = new(1);
    int _ports;

    PodNetwork(Instance instance, Subnet subnet)
    {
        _instance = instance.Name;
        _switch = $"{instance.Name}-switch";
        _addresses = new AddressPool(subnet);
        _cuts = new CutLinks(subnet, _addresses.Gateway);
        Subnet = subnet;
    }

    public Subnet Subnet { get; }

    /// <summary>The host's address among the pods.</summary>
    public IPAddress HostAddress => _addresses.Gateway;

    /// <summary>Builds the switch and plugs the host in.</summary>
    /// <exception cref="HostCommandException">Not root, or <c>ip</c> is missing.</exception>
    public static async Task<PodNetwork> StartAsync(Instance instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var seed = uint.Parse(instance.Name.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (!Subnet.TryChooseFree(seed, await ObserveRoutesAsync(cancellationToken), out var subnet))
        {
            throw new HostCommandException("no range of 4096 addresses in 10.128.0.0/9 is free: the host has routes to all of it");
        }

        var network = new PodNetwork(instance, subnet);
        var host = instance.Name;
        await BatchAsync(null, $"""
            netns add {network._switch}
            link add {host} type veth peer name {Uplink} netns {network._switch}
            addr add {network.HostAddress}/32 dev {host}
            link set {host} up
            route add {subnet} via {Switch} dev {host} onlink src {network.HostAddress}
            """, cancellationToken);
        // an address that no pod has (any more) is silent, as it is on a real network
        await BatchAsync(network._switch, $"""
            {PlugIn(Uplink, network.HostAddress)}
            route add blackhole {subnet}
            {network._cuts.Prepare()}
            """, cancellationToken);
        await HostCommand.RunAsync("nsenter", [$"--net=/run/netns/{network._switch}", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], null, cancellationToken);
        return network;
    }

    /// <summary>Gives a pod a network namespace with an address, a loopback and a way to the host.</summary>
    /// <param name="name">Part of the namespace's name, for people.</param>
    /// <param name="wanted">The address that it must have; null for the next free one.</param>
    /// <exception cref="HostCommandException">The wanted address is not free, or a command of the system failed.</exception>
    public async Task<PodAddress> AttachAsync(string name, IPAddress? wanted, CancellationToken cancellationToken)
    {
        if (wanted is not null && !_addresses.TryTake(wanted))
        {
            throw new HostCommandException($"address {wanted} is in use by another pod, or not in {Subnet}");
        }

        var port = $"p{Interlocked.Increment(ref _ports)}";
        var pod = new PodAddress($"{_instance}-{port}-{name}", wanted ?? _addresses.Take());
        try
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                await BatchAsync(null, $"""
                    netns add {pod.Namespace}
                    link add {port} netns {_switch} type veth peer name eth0 netns {pod.Namespace}
                    """, cancellationToken);
                await BatchAsync(_switch, PlugIn(port, pod.Address), cancellationToken);
                await BatchAsync(pod.Namespace, $"""
                    addr add {pod.Address}/32 dev eth0
                    link set lo up
                    link set eth0 up
                    route add default via {Switch} dev eth0 onlink
                    """, cancellationToken);
            }
            finally
            {
                _turn.Release();
            }

            return pod;
        }
        catch
        {
            await DetachAsync(pod, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Takes a pod off the network. Its processes must have ended. Does nothing when it is off already.</summary>
    public async Task DetachAsync(PodAddress pod, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pod);
        await MendAsync(pod.Address, cancellationToken);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // the port goes with it, in the background and together with others; deleted by itself it would hold the
            // kernel's lock for some 40 ms, in which no other pod can start
            await TryBatchAsync(null, $"netns del {pod.Namespace}", cancellationToken);
        }
        finally
        {
            _turn.Release();
        }

        _addresses.Return(pod.Address);
    }

    /// <summary>Keeps an address for the pod that will ask for it.</summary>
    /// <returns>False: no pod can have it.</returns>
    public bool TryReserve(IPAddress address) => _addresses.TryReserve(address);

    /// <summary>Makes a link carry nothing until it is mended, or one of its ends goes.</summary>
    /// <param name="other">Another pod's address or <see cref="HostAddress"/>; null for all other pods.</param>
    public Task CutAsync(IPAddress pod, IPAddress? other, CancellationToken cancellationToken) => ChangeCutsAsync(cuts => [cuts.Cut(pod, other)], cancellationToken);

    /// <summary>Makes a link carry everything again.</summary>
    public Task MendAsync(IPAddress pod, IPAddress? other, CancellationToken cancellationToken) => ChangeCutsAsync(cuts => [cuts.Mend(pod, other)], cancellationToken);

    /// <summary>Mends all links of a pod.</summary>
    public Task MendAsync(IPAddress pod, CancellationToken cancellationToken) =>
        ChangeCutsAsync(cuts => [.. cuts.Of(pod).Select(other => cuts.Mend(pod, other))], cancellationToken);

    async Task ChangeCutsAsync(Func<CutLinks, IReadOnlyList<string?>> change, CancellationToken cancellationToken)
    {
        await _cutting.WaitAsync(cancellationToken);
        try
        {
            foreach (var rules in change(_cuts).OfType<string>())
            {
                await BatchAsync(_switch, rules, cancellationToken);
            }
        }
        finally
        {
            _cutting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await TryBatchAsync(null, $"link del {_instance}", CancellationToken.None);
        await TryBatchAsync(null, $"netns del {_switch}", CancellationToken.None);
        _turn.Dispose();
        _cutting.Dispose();
    }

    static string PlugIn(string port, IPAddress address) => $"""
        addr add {Switch}/32 dev {port}
        link set {port} up
        route add {address}/32 dev {port}
        """;

    static async Task<IReadOnlyCollection<Subnet>> ObserveRoutesAsync(CancellationToken cancellationToken)
    {
        var json = await HostCommand.RunAsync("ip", ["-j", "-4", "route", "show", "table", "all"], null, cancellationToken);
        var taken = new List<Subnet>();
        foreach (var route in JsonNode.Parse(json)?.AsArray() ?? [])
        {
            // "default" overlaps everything and takes nothing
            if (route?["dst"]?.GetValue<string>() is { } destination && Subnet.TryParse(destination, out var subnet))
            {
                taken.Add(subnet);
            }
        }

        return taken;
    }

    static async Task TryBatchAsync(string? ns, string commands, CancellationToken cancellationToken)
    {
        try
        {
            await BatchAsync(ns, commands, cancellationToken);
        }
        catch (HostCommandException)
        {
            // gone already
        }
    }

    static async Task BatchAsync(string? ns, string commands, CancellationToken cancellationToken) =>
        await HostCommand.RunAsync("ip", ns is null ? ["-batch", "-"] : ["-n", ns, "-batch", "-"], commands + "\n", cancellationToken);
}
