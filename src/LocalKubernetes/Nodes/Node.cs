using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.LocalKubernetes.Network;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>One host of the rack: its place in the network, and the life that it has while it is powered on.</summary>
public sealed class Node : IAsyncDisposable
{
    readonly Rack _rack;
    readonly HostNetwork _network;
    readonly IKubernetesApi _api;
    readonly NodeOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly SemaphoreSlim _turn = new(1);
    HostLink _link;
    volatile NodeLife? _life;
    bool _isApiCut;

    Node(Rack rack, HostNetwork network, IKubernetesApi api, NodeOptions options, TimeProvider time, ILogger logger)
    {
        _rack = rack;
        _network = network;
        _api = api;
        _options = options;
        _time = time;
        _logger = logger;
        _link = new HostLink(api, options.Name, time);
    }

    public string Name => _options.Name;

    public string Zone => _options.Zone;

    /// <summary>The host's address among the pods.</summary>
    public string Address => _network.HostAddress.ToString();

    /// <summary>What runs its pods; null while it is powered off.</summary>
    public NodeAgent? Agent => _life?.Agent;

    internal HostNetwork Network => _network;

    internal static async Task<Node> StartAsync(Rack rack, HostNetwork network, IKubernetesApi api, NodeOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var node = new Node(rack, network, api, options, time, logger);
        await node.PowerOnAsync(cancellationToken);
        return node;
    }

    /// <summary>Boots: pods that are still bound to it are started again in place, those deleted meanwhile are ended. Does nothing when it is on.</summary>
    public async Task PowerOnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_life is not null)
            {
                return;
            }

            _link = new HostLink(_api, Name, _time);
            if (_isApiCut)
            {
                _link.Cut();
            }

            _life = await NodeLife.BeginAsync(_rack, _network, _link, _options, _time, _logger, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Kills all its processes at once; nothing is reported, and its pods' addresses are silent. Does nothing when it is off.</summary>
    public async Task PowerOffAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_life is { } life)
            {
                await life.LosePowerAsync();
                _life = null;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whether its agent reaches the API server. Its pods live on, and are probed, while it does not.</summary>
    internal void SetApiCut(bool cut)
    {
        _isApiCut = cut;
        if (cut)
        {
            _link.Cut();
        }
        else
        {
            _link.Mend();
        }
    }

    /// <summary>Ends all pods' processes in good order.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        if (_life is { } life)
        {
            await life.DisposeAsync();
        }

        _turn.Dispose();
    }
}
