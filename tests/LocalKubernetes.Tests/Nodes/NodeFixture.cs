using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Nodes;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>A node on this machine and an API in memory.</summary>
public sealed class NodeFixture : IAsyncLifetime
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public ScratchInstance Scratch { get; } = new();

    public StoreKubernetesApi Api { get; } = new(new Store(new StoreOptions { Time = TimeProvider.System, Random = new Random(1) }), "tests");

    public Rack Rack { get; private set; } = null!;

    public Node Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var images = new ImageStore(await HostImages.ObserveAsync(Scratch.Instance.EtcDirectory, CancellationToken.None));
        Rack = await Rack.StartAsync(Scratch.Instance, images, 1, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        Node = await Rack.AddAsync(Api, new NodeOptions(), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Rack.DisposeAsync();
        await Scratch.DisposeAsync();
    }

    /// <summary>A pod of one shell, bound to the node.</summary>
    public static V1Pod Shell(string name, string script, Func<V1Container, V1Container>? container = null, Func<V1PodSpec, V1PodSpec>? spec = null)
    {
        var shell = new V1Container { Name = "main", Image = "debian:12", Command = ["sh", "-c", script] };
        var pod = new V1PodSpec { NodeName = "localkube-0", TerminationGracePeriodSeconds = 5, Containers = [container?.Invoke(shell) ?? shell] };
        return new V1Pod { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" }, Spec = spec?.Invoke(pod) ?? pod };
    }

    public async Task<V1Pod> CreateAsync(V1Pod pod) => await Api.CreateAsync(pod, CancellationToken.None);

    /// <summary>Waits until a pod is as wished; fails with its last state when it does not become so.</summary>
    public async Task<V1Pod> WaitAsync(string name, Func<V1Pod, bool> condition)
    {
        V1Pod? last = null;
        using var late = new CancellationTokenSource(Patience);
        try
        {
            var list = await Api.ListAsync<V1Pod>("default", new ListOptions { FieldSelector = $"metadata.name={name}" }, late.Token);
            last = list.Items.SingleOrDefault();
            if (last is not null && condition(last))
            {
                return last;
            }

            var watch = new WatchOptions { FieldSelector = $"metadata.name={name}", ResourceVersion = list.ResourceVersion, Timeout = Patience };
            await foreach (var change in Api.WatchAsync<V1Pod>("default", watch, late.Token))
            {
                last = change.Object ?? last;
                if (change.Type is WatchEventType.Added or WatchEventType.Modified && condition(change.Object!))
                {
                    return change.Object!;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // told below
        }

        throw new TimeoutException($"pod {name} did not become as wished; its status: {System.Text.Json.JsonSerializer.Serialize(last?.Status)}");
    }

    public async Task WaitGoneAsync(string name)
    {
        using var late = new CancellationTokenSource(Patience);
        var list = await Api.ListAsync<V1Pod>("default", new ListOptions { FieldSelector = $"metadata.name={name}" }, late.Token);
        if (list.Items.Count == 0)
        {
            return;
        }

        var watch = new WatchOptions { FieldSelector = $"metadata.name={name}", ResourceVersion = list.ResourceVersion, Timeout = Patience };
        await foreach (var change in Api.WatchAsync<V1Pod>("default", watch, late.Token))
        {
            if (change.Type == WatchEventType.Deleted)
            {
                return;
            }
        }

        throw new TimeoutException($"pod {name} is still there");
    }

    public async Task<List<string>> LogAsync(V1Pod pod, bool previous = false)
    {
        var lines = new List<string>();
        var query = new LocalKubernetes.Api.PodLogQuery { Namespace = "default", Pod = pod.Metadata.Name!, PodUid = pod.Metadata.Uid!, Container = "main", Previous = previous };
        await foreach (var line in Rack.Logs.ReadAsync(query, CancellationToken.None))
        {
            lines.Add(line.Text);
        }

        return lines;
    }

    /// <summary>The first line that the container writes, once it has: without a readiness probe a pod is ready before that.</summary>
    public async Task<string> FirstLineAsync(V1Pod pod)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var query = new LocalKubernetes.Api.PodLogQuery { Namespace = "default", Pod = pod.Metadata.Name!, PodUid = pod.Metadata.Uid!, Container = "main", Follow = true };
        await foreach (var line in Rack.Logs.ReadAsync(query, patience.Token))
        {
            return line.Text;
        }

        return "";
    }

    public static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
}
