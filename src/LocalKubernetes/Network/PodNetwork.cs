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

    /// <summary>1022 pods a host; the first part of the range is the machine's own.</summary>
    const int HostPrefixLength = 22;

    /// <summary>So many parts are left.</summary>
    public const int MostHosts = 15;

    // `ip` takes the kernel's routing lock for nearly all of its time: more at once only wait
    readonly SemaphoreSlim _turn = new(2);
    readonly string _switch;
    readonly string _instance;
    readonly CutLinks _cuts;
    readonly List<HostNetwork> _hosts = [];
    readonly SemaphoreSlim _cutting = new(1);
    int _ports;

    PodNetwork(Instance instance, Subnet subnet)
    {
        _instance = instance.Name;
        _switch = $"{instance.Name}-switch";
        _cuts = new CutLinks(subnet);
        Subnet = subnet;
        Rules = new SwitchRules(_switch, MachineAddress);
    }

    public Subnet Subnet { get; }

    internal SwitchRules Rules { get; }

    /// <summary>This machine's address among the pods; the hosts that it stands for have others.</summary>
    public IPAddress MachineAddress => Subnet.At(1);

    /// <summary>Where pods ask for names: the usual address of Kubernetes' DNS Service. Only pods reach it.</summary>
    public static IPAddress NameServer { get; } = IPAddress.Parse("10.96.0.10");

    /// <summary>Builds the switch and plugs the host in.</summary>
    /// <exception cref="HostCommandException">Not root, or <c>ip</c> is missing.</exception>
    public static async Task<PodNetwork> StartAsync(Instance instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var seed = uint.Parse(instance.Name.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (!Subnet.TryChooseFree(seed, await ObserveRoutesAsync(cancellationToken), out var subnet))
        {
            throw new HostCommandException("no range of 16384 addresses in 10.128.0.0/9 is free: the host has routes to all of it");
        }

        var network = new PodNetwork(instance, subnet);
        var host = instance.Name;
        await BatchAsync(null, $"""
            netns add {network._switch}
            link add {host} type veth peer name {Uplink} netns {network._switch}
            addr add {network.MachineAddress}/32 dev {host}
            link set {host} up
            route add {subnet} via {Switch} dev {host} onlink src {network.MachineAddress}
            """, cancellationToken);
        // an address that no pod has (any more) is silent, as it is on a real network
        await BatchAsync(network._switch, $"""
            {PlugIn(Uplink, network.MachineAddress)}
            addr add {NameServer}/32 dev lo
            link set lo up
            route add blackhole {subnet}
            {CutLinks.Except(network.MachineAddress)}
            """, cancellationToken);
        await HostCommand.RunAsync("nsenter", [$"--net=/run/netns/{network._switch}", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], null, cancellationToken);
        await network.Rules.StartAsync(cancellationToken);
        return network;
    }

    /// <summary>Does something at the switch: a socket that is made there is reached by pods and by nobody else.</summary>
    internal T InSwitch<T>(Func<T> action) => NetworkNamespace.Run($"/run/netns/{_switch}", action);

    /// <summary>Gives one more host an address and a range for its pods.</summary>
    public async Task<HostNetwork> AddHostAsync(CancellationToken cancellationToken)
    {
        var group = _hosts.Count + 1;
        if (group > MostHosts)
        {
            throw new HostCommandException($"there is room for {MostHosts} hosts");
        }

        var host = new HostNetwork(this, new AddressPool(Subnet.Part((uint)group, HostPrefixLength)), group);
        await BatchAsync(null, $"addr add {host.HostAddress}/32 dev {_instance}", cancellationToken);
        await BatchAsync(_switch, $"""
            route add {host.HostAddress}/32 dev {Uplink}
            {CutLinks.Except(host.HostAddress)}
            """, cancellationToken);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Gives a pod a network namespace with an address, a loopback and a way to the machine.</summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="name">Part of the namespace's name, for people.</param>
    /// <param name="wanted">The address that it must have; null for the next free one of the host.</param>
    /// <exception cref="HostCommandException">The wanted address is not free, or a command of the system failed.</exception>
    internal async Task<PodAddress> AttachAsync(HostNetwork host, string name, IPAddress? wanted, CancellationToken cancellationToken)
    {
        if (wanted is not null && PoolOf(wanted)?.TryTake(wanted) != true)
        {
            throw new HostCommandException($"address {wanted} is in use by another pod, or not in {Subnet}");
        }

        var port = $"p{Interlocked.Increment(ref _ports)}";
        var pod = new PodAddress($"{_instance}-{port}-{name}", wanted ?? host.Addresses.Take());
        try
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                await BatchAsync(null, $"""
                    netns add {pod.Namespace}
                    link add {port} netns {_switch} type veth peer name eth0 netns {pod.Namespace}
                    """, cancellationToken);
                await BatchAsync(_switch, $"""
                    {PlugIn(port, pod.Address)}
                    link set {port} group {host.Group}
                    """, cancellationToken);
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
        await Rules.SetLossAsync(pod.Address, 0, cancellationToken);
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

        PoolOf(pod.Address)?.Return(pod.Address);
    }

    /// <summary>Keeps an address for the pod that will ask for it.</summary>
    /// <returns>False: no pod can have it.</returns>
    public bool TryReserve(IPAddress address) => PoolOf(address)?.TryReserve(address) == true;

    /// <summary>Makes a link carry nothing until it is mended, or one of its ends goes.</summary>
    /// <param name="other">Another pod's address or <see cref="MachineAddress"/> or a host's; null for all other pods.</param>
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
        Rules.Dispose();
    }

    AddressPool? PoolOf(IPAddress address) => _hosts.Find(host => host.Range.Contains(address))?.Addresses;

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
