using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Api.Security.Admission;
using Slotwise.LocalKubernetes.Controllers;
using Slotwise.LocalKubernetes.Controllers.Hosts;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Nodes;
using Slotwise.LocalKubernetes.Tests.Nodes;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

/// <summary>A server, all controllers and a real node.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    readonly Store _store = new(new StoreOptions { Time = TimeProvider.System, Random = new Random(1), Admission = [new ClaimAdmission()] });
    Rack _rack = null!;
    ApiServer _server = null!;
    ClusterControllers _controllers = null!;

    public ClusterFixture() => Api = new StoreKubernetesApi(_store, "tests");

    public ScratchInstance Scratch { get; } = new();

    public StoreKubernetesApi Api { get; }

    public async ValueTask InitializeAsync()
    {
        var images = new ImageStore(await HostImages.ObserveAsync(Scratch.Instance.EtcDirectory, CancellationToken.None));
        _rack = await Rack.StartAsync(Scratch.Instance, images, 1, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        await _rack.AddAsync(new StoreKubernetesApi(_store, "kubelet"), new NodeOptions(), CancellationToken.None);
        _server = await ApiServer.StartAsync(
            _store, new ApiServerOptions { Port = 0, StateDirectory = Scratch.Instance.StateDirectory }, null, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        _controllers = await ClusterControllers.StartAsync(
            _server.Identities, Scratch.Instance.VolumesDirectory, "ca", new HostDelays(), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _controllers.DisposeAsync();
        await _rack.DisposeAsync();
        await _server.DisposeAsync();
        await Scratch.DisposeAsync();
    }

    /// <summary>A set of shells that sleep; they end at once when asked to.</summary>
    public static V1StatefulSet Set(string name, int replicas, Func<V1StatefulSetSpec, V1StatefulSetSpec>? change = null)
    {
        var labels = new Dictionary<string, string> { ["app"] = name };
        var spec = new V1StatefulSetSpec
        {
            Replicas = replicas,
            ServiceName = name,
            PodManagementPolicy = "Parallel",
            Selector = new V1LabelSelector { MatchLabels = labels },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = labels },
                Spec = new V1PodSpec { TerminationGracePeriodSeconds = 1, Containers = [new V1Container { Name = "main", Image = "debian:12", Command = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"] }] },
            },
        };
        return new V1StatefulSet { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" }, Spec = change?.Invoke(spec) ?? spec };
    }

    /// <summary>Waits until the objects of a kind are as wished; fails with what they are when they do not become so.</summary>
    public async Task<IReadOnlyList<T>> WaitAsync<T>(Func<IReadOnlyList<T>, bool> condition, string? labels = null)
        where T : class, IKubernetesObject<T>
    {
        IReadOnlyList<T> last = [];
        using var late = new CancellationTokenSource(NodeFixture.Patience);
        try
        {
            while (true)
            {
                var list = await Api.ListAsync<T>(null, new ListOptions { LabelSelector = labels }, late.Token);
                last = list.Items;
                if (condition(last))
                {
                    return last;
                }

                var watch = new WatchOptions { LabelSelector = labels, ResourceVersion = list.ResourceVersion, Timeout = NodeFixture.Patience };
                await foreach (var _ in Api.WatchAsync<T>(null, watch, late.Token))
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the {KubernetesKind.Of<T>().Plural} did not become as wished: {System.Text.Json.JsonSerializer.Serialize(last)}");
        }
    }
}
