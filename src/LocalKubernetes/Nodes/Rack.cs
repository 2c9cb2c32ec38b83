using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Faults;
using Slotwise.LocalKubernetes.Nodes.Logs;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>This machine as the place where hosts stand: what they share, which is the network, the images, and the means to run containers.</summary>
public sealed class Rack : IAsyncDisposable
{
    readonly Lifeline _lifeline;
    readonly BubblewrapRuntime _runtime;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly int _hosts;
    volatile IReadOnlyList<Node> _nodes = [];

    Rack(Lifeline lifeline, PodNetwork network, Instance instance, IImageStore images, int hosts, TimeProvider time, ILogger logger)
    {
        _lifeline = lifeline;
        _time = time;
        _logger = logger;
        _hosts = hosts;
        Network = network;
        Instance = instance;
        Images = images;
        Book = new LogBook(time);
        _runtime = new BubblewrapRuntime(Book, time);
        Logs = new PodLogs(instance, Book);
        Faults = new PodFaults(this);
        HostFaults = new HostFaults(this);
        Programs = new PodPrograms(this);
    }

    /// <summary>Its hosts, in the order in which they were added.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>What its containers write.</summary>
    public IPodLogs Logs { get; }

    /// <summary>What can go wrong with its pods on demand.</summary>
    public IPodFaults Faults { get; }

    /// <summary>What can go wrong with its hosts on demand.</summary>
    public IHostFaults HostFaults { get; }

    /// <summary>Further programs in its containers.</summary>
    public IPodPrograms Programs { get; }

    public PodNetwork Network { get; }

    internal Instance Instance { get; }

    internal IImageStore Images { get; }

    internal IContainerRuntime Runtime => _runtime;

    internal LogBook Book { get; }

    internal WantedAddresses Addresses { get; } = new();

    internal HostClocks Clocks { get; } = new();

    /// <summary>What each host has of the machine.</summary>
    internal HostResources Resources => HostResources.Share(System.Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, _hosts);

    /// <summary>Removes what an earlier life with the same state directory left behind, and prepares this machine.</summary>
    /// <param name="instance">The names of what is made.</param>
    /// <param name="images">What containers can run.</param>
    /// <param name="hosts">How many hosts will share the machine.</param>
    /// <exception cref="HostCommandException">Not root, or a program of the system is missing.</exception>
    public static async Task<Rack> StartAsync(Instance instance, IImageStore images, int hosts, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        await Lifeline.SweepAsync(instance, cancellationToken);
        Directory.CreateDirectory(instance.PodsDirectory);
        var lifeline = Lifeline.Hold(instance);
        try
        {
            return new Rack(lifeline, await PodNetwork.StartAsync(instance, cancellationToken), instance, images, hosts, time, logger);
        }
        catch
        {
            lifeline.Dispose();
            throw;
        }
    }

    /// <summary>Adds one more host and powers it on.</summary>
    /// <param name="api">As whom it speaks to the API server.</param>
    public async Task<Node> AddAsync(IKubernetesApi api, NodeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(options);
        var network = await Network.AddHostAsync(cancellationToken);
        var node = await Node.StartAsync(this, network, api, options, _time, _logger, cancellationToken);
        _nodes = [.. _nodes, node];
        return node;
    }

    /// <summary>Ends all pods' processes and removes everything of them from the system. Bounded by about fifteen seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        await Network.DisposeAsync();
        _runtime.Dispose();
        _lifeline.Dispose();
    }
}
