using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Events;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Faults;
using Slotwise.LocalKubernetes.Nodes.Logs;
using Slotwise.LocalKubernetes.Nodes.Pods;
using Slotwise.LocalKubernetes.Nodes.Probes;
using Slotwise.LocalKubernetes.Nodes.Volumes;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>This machine as a node: its network, its images, its containers, and the object that says that it is ready.</summary>
public sealed class Node : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Lifeline _lifeline;
    readonly PodNetwork _network;
    readonly BubblewrapRuntime _runtime;
    readonly AskProbe _probes;
    readonly NodeAgent _agent;
    readonly Task _work;

    Node(Lifeline lifeline, PodNetwork network, IKubernetesApi api, Instance instance, NodeOptions options, IImageStore images, V1Node self, TimeProvider time, ILogger logger)
    {
        var book = new LogBook(time);
        _lifeline = lifeline;
        _network = network;
        _runtime = new BubblewrapRuntime(book, time);
        _probes = new AskProbe(time);
        Logs = new PodLogs(instance, book);
        var events = new EventRecorder(api, "kubelet", options.Name, time, logger);
        var pods = Informer<V1Pod>($"spec.nodeName={options.Name}");
        var configMaps = Informer<V1ConfigMap>(null);
        var secrets = Informer<V1Secret>(null);
        var claims = Informer<V1PersistentVolumeClaim>(null);
        var services = new PodServices
        {
            Instance = instance,
            Options = options,
            Api = api,
            Network = network,
            Addresses = new WantedAddresses(),
            Images = images,
            Runtime = _runtime,
            Logs = book,
            Objects = new ConfigObjectCaches(configMaps, secrets),
            ClaimDirectory = name => claims.Get(name) is { Status.Phase: "Bound", Spec.VolumeName: { Length: > 0 } volume }
                ? Path.Combine(instance.VolumesDirectory, volume)
                : throw new VolumeException(claims.Get(name) is null ? $"persistentvolumeclaim \"{name.Name}\" not found" : $"persistentvolumeclaim \"{name.Name}\" is not bound"),
            Probes = _probes,
            Events = events,
            Allocatable = self.Status?.Allocatable ?? new Dictionary<string, Quantity>(),
            Time = time,
            Logger = logger,
        };
        _agent = new NodeAgent(services, pods, configMaps, secrets, claims);
        Faults = new PodFaults(_agent, network, services.Addresses);
        _work = RunAsync();

        Informer<T> Informer<T>(string? fieldSelector)
            where T : class, IKubernetesObject<T> => new(api, new InformerOptions<T> { FieldSelector = fieldSelector }, time, new Random(), logger);

        // pods come last: what they refer to is known by then
        async Task RunAsync()
        {
            var objects = new IInformer[] { configMaps, secrets, claims };
            var running = objects.Select(informer => informer.RunAsync(_stop.Token)).Append(events.RunAsync(_stop.Token)).ToList();
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

    /// <summary>What its containers write.</summary>
    public IPodLogs Logs { get; }

    /// <summary>What can go wrong with its pods on demand.</summary>
    public IPodFaults Faults { get; }

    /// <summary>The machine's address among the pods.</summary>
    public string Address => _network.HostAddress.ToString();

    /// <summary>Removes what an earlier life with the same state directory left behind, then makes this machine a node.</summary>
    /// <exception cref="HostCommandException">Not root, or a program of the system is missing.</exception>
    public static async Task<Node> StartAsync(IKubernetesApi api, Instance instance, NodeOptions options, IImageStore images, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(time);
        await Lifeline.SweepAsync(instance, cancellationToken);
        Directory.CreateDirectory(instance.PodsDirectory);
        var lifeline = Lifeline.Hold(instance);
        try
        {
            var network = await PodNetwork.StartAsync(instance, cancellationToken);
            var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            var self = BuildNode.Of(options, network.HostAddress, System.Environment.ProcessorCount, memory, time.GetUtcNow());
            await RegisterAsync(api, self, cancellationToken);
            return new Node(lifeline, network, api, instance, options, images, self, time, logger);
        }
        catch
        {
            lifeline.Dispose();
            throw;
        }
    }

    /// <summary>Ends all pods' processes and removes everything of them from the system. Bounded by about fifteen seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _agent.StopAsync();
        await _stop.CancelAsync();
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(2)));
        await _network.DisposeAsync();
        _runtime.Dispose();
        _probes.Dispose();
        _lifeline.Dispose();
        _stop.Dispose();
    }

    static async Task RegisterAsync(IKubernetesApi api, V1Node self, CancellationToken cancellationToken)
    {
        try
        {
            await api.CreateAsync(self, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // it was a node in an earlier life
        }

        var status = new JsonObject { ["status"] = JsonSerializer.SerializeToNode(self, V1Node.JsonTypeInfo)!["status"]!.DeepClone() };
        await api.MergePatchAsync<V1Node>(null, self.Metadata.Name!, status, "status", cancellationToken);
    }
}
