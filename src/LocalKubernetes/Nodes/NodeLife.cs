using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Events;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Pods;
using Slotwise.LocalKubernetes.Nodes.Probes;
using Slotwise.LocalKubernetes.Nodes.Volumes;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>A host from its start to its end: the agent that runs its pods, what the agent knows, and the heartbeat. A host that comes back has another one.</summary>
sealed class NodeLife : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly HostLink _link;
    readonly AskProbe _probes;
    readonly Task _work;

    NodeLife(Rack rack, HostNetwork network, HostLink link, NodeOptions options, NodeHeartbeat heartbeat, V1Node self, TimeProvider time, ILogger logger)
    {
        _link = link;
        _probes = new AskProbe(network.HostAddress, time);
        var events = new EventRecorder(link, "kubelet", options.Name, time, logger);
        var pods = Informer<V1Pod>($"spec.nodeName={options.Name}");
        var configMaps = Informer<V1ConfigMap>(null);
        var secrets = Informer<V1Secret>(null);
        var claims = Informer<V1PersistentVolumeClaim>(null);
        var inCluster = Informer<V1Service>(null);
        var tokens = new TokenFiles(options.Tokens, time);
        var services = new PodServices
        {
            Instance = rack.Instance,
            Options = options,
            Api = link,
            Network = network,
            Addresses = rack.Addresses,
            Clocks = rack.Clocks,
            Images = rack.Images,
            Runtime = rack.Runtime,
            Logs = rack.Book,
            Objects = new ConfigObjectCaches(configMaps, secrets, inCluster, tokens),
            ClaimDirectory = name => claims.Get(name) is { Status.Phase: "Bound", Spec.VolumeName: { Length: > 0 } volume }
                ? Path.Combine(rack.Instance.VolumesDirectory, volume)
                : throw new VolumeException(claims.Get(name) is null ? $"persistentvolumeclaim \"{name.Name}\" not found" : $"persistentvolumeclaim \"{name.Name}\" is not bound"),
            Probes = _probes,
            Events = events,
            Allocatable = self.Status?.Allocatable ?? new Dictionary<string, Quantity>(),
            Time = time,
            Logger = logger,
        };
        Agent = new NodeAgent(services, pods, configMaps, secrets, claims);
        _work = RunAsync();

        Informer<T> Informer<T>(string? fieldSelector)
            where T : class, IKubernetesObject<T> => new(link, new InformerOptions<T> { FieldSelector = fieldSelector }, time, new Random(), logger);

        // pods come last: what they refer to is known by then
        async Task RunAsync()
        {
            var objects = new IInformer[] { configMaps, secrets, inCluster, claims };
            var running = objects.Select(informer => informer.RunAsync(_stop.Token)).Append(events.RunAsync(_stop.Token)).Append(heartbeat.RunAsync(_stop.Token)).Append(RenewTokensAsync(tokens, time)).ToList();
            try
            {
                await Task.WhenAll(objects.Select(informer => informer.WaitForSyncAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                // stopped at once
            }

            await Task.WhenAll(running.Append(pods.RunAsync(_stop.Token)));
        }
    }

    public NodeAgent Agent { get; }

    // Tokens live ten minutes at least, of which the last fifth is left to be late in.
    async Task RenewTokensAsync(TokenFiles tokens, TimeProvider time)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30), time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                tokens.Keep(Agent.Pods.Select(pod => pod.Metadata.Uid ?? "").ToHashSet());
                Agent.RefreshTokens();
            }
        }
        catch (OperationCanceledException)
        {
            // the node ends
        }
    }

    /// <summary>Begins when the API server knows the host.</summary>
    public static async Task<NodeLife> BeginAsync(Rack rack, HostNetwork network, HostLink link, NodeOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var self = BuildNode.Of(options, network, rack.Resources, time.GetUtcNow());
        var heartbeat = new NodeHeartbeat(link, self, options, time, logger);
        await heartbeat.RegisterAsync(cancellationToken);
        return new NodeLife(rack, network, link, options, heartbeat, self, time, logger);
    }

    /// <summary>The power goes: all processes are killed at once, and nothing is reported of it.</summary>
    public async Task LosePowerAsync()
    {
        _link.Dispose();
        await _stop.CancelAsync();
        Agent.LosePower();
        await DisposeAsync();
    }

    /// <summary>Ends all pods in good order, bounded by about ten seconds; nothing is reported of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Agent.StopAsync();
        await _stop.CancelAsync();
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(2)));
        _probes.Dispose();
        _link.Dispose();
        _stop.Dispose();
    }
}
