using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Client;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Api.Security.Admission;
using Slotwise.LocalKubernetes.Api.Security.Admission.PodSecurity;
using Slotwise.LocalKubernetes.Controllers;
using Slotwise.LocalKubernetes.Controllers.Access;
using Slotwise.LocalKubernetes.Controllers.Hosts;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Network.Dns;
using Slotwise.LocalKubernetes.Network.Services;
using Slotwise.LocalKubernetes.Nodes;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes;

/// <summary>Where a local cluster listens and keeps what it needs.</summary>
sealed record LocalClusterOptions(int Port, string Kubeconfig, string StateDirectory, string ImagesDirectory, int Hosts, HostDelays Delays, bool KubeletDelays);

/// <summary>All the parts of a local cluster, started in order and ended in the opposite one.</summary>
sealed class LocalCluster : IAsyncDisposable
{
    readonly StateLock _lock;
    readonly ILoggerFactory _loggers;

    readonly List<IAsyncDisposable> _parts;

    LocalCluster(StateLock stateLock, ILoggerFactory loggers, ApiServer server, List<IAsyncDisposable> parts)
    {
        _lock = stateLock;
        _loggers = loggers;
        _parts = parts;
        Server = server;
    }

    public ApiServer Server { get; }

    /// <exception cref="StateInUseException">Another localkube runs on this state directory.</exception>
    /// <exception cref="PortTakenException">Somebody else listens on the port.</exception>
    /// <exception cref="HostCommandException">This machine cannot run pods; why.</exception>
    public static async Task<LocalCluster> StartAsync(LocalClusterOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var stateLock = StateLock.Take(options.StateDirectory);
        var loggers = LoggerFactory.Create(logging => logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddSimpleConsole(console => console.SingleLine = true));
        var parts = new List<IAsyncDisposable>();
        try
        {
            HostRequirements.Check();
            // Above every version that an earlier run said, so that old watches get 410 and list again.
            var startVersion = (time.GetUtcNow().ToUnixTimeSeconds() - new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()) * 100;
            var store = new Store(new StoreOptions { Time = time, Random = Random.Shared, StartVersion = startVersion, Admission = [new ServiceAccountAdmission(), new PriorityAdmission(), new ClaimAdmission(), new PodSecurityAdmission()] });
            var instance = new Instance(options.StateDirectory);
            var images = new LocalImages(await HostImages.ObserveAsync(instance.EtcDirectory, cancellationToken), new AddedImages(options.ImagesDirectory), instance.EtcDirectory);
            var rack = await Rack.StartAsync(instance, images, options.Hosts, time, loggers.CreateLogger("node"), cancellationToken);
            parts.Add(rack);
            var server = await ApiServer.StartAsync(store, new ApiServerOptions { Port = options.Port, StateDirectory = options.StateDirectory, Faults = rack.Faults, HostFaults = rack.HostFaults, Programs = rack.Programs, Addresses = [rack.Network.MachineAddress] }, rack.Logs, time, loggers, cancellationToken);
            parts.Insert(0, server);
            await rack.Network.Rules.SetServerPortAsync(ApiServerOptions.PodPort, cancellationToken);
            for (var host = 0; host < options.Hosts; host++)
            {
                var quick = NodeOptions.Of(host);
                var node = (options.KubeletDelays ? quick.WithKubeletDelays() : quick) with { HeartbeatInterval = options.Delays.Heartbeat, Tokens = server.PodTokens };
                var api = new KubernetesClient(server.ConfigurationOf($"system:node:{node.Name}", "system:nodes", "kubelet"), time);
                parts.Insert(1, new Connection(api));
                await rack.AddAsync(api, node, cancellationToken);
            }

            var names = new KubernetesClient(server.ConfigurationOf("system:serviceaccount:kube-system:coredns", null, "coredns"), time);
            parts.Insert(1, new Connection(names));
            parts.Add(DnsServer.Start(rack.Network, names, time, loggers.CreateLogger("dns")));
            var proxy = new KubernetesClient(server.ConfigurationOf("system:kube-proxy", null, "kube-proxy"), time);
            parts.Insert(1, new Connection(proxy));
            parts.Add(ServiceAddresses.Start(rack.Network, proxy, time, loggers.CreateLogger("services")));
            parts.Add(AccessControllers.Start(server.Identities.ControllerManager, server.Tokens, server.Authority.Certificate.ExportCertificatePem(), time, loggers.CreateLogger("controllers")));
            parts.Add(await ClusterControllers.StartAsync(
                server.Identities, instance.VolumesDirectory, server.Authority.Certificate.ExportCertificatePem(), options.Delays, time, loggers.CreateLogger("controllers"), cancellationToken));
            server.WriteKubeconfig(options.Kubeconfig);
            return new LocalCluster(stateLock, loggers, server, parts);
        }
        catch
        {
            await DisposeAsync(parts);
            loggers.Dispose();
            stateLock.Dispose();
            throw;
        }
    }

    /// <summary>A node's way to the server; it needs it until its last pod has ended.</summary>
    sealed class Connection(KubernetesClient api) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            api.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DisposeAsync(_parts);
        _loggers.Dispose();
        _lock.Dispose();
    }

    // The last started first: controllers would replace the pods that end with the node.
    static async Task DisposeAsync(List<IAsyncDisposable> parts)
    {
        foreach (var part in Enumerable.Reverse(parts))
        {
            await part.DisposeAsync();
        }
    }
}
