using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Simulation.Runs.Ports;

/// <summary>The operator's way to the API server: tells of every write before it is sent and after it was answered. False ends whoever waits, as his process has ended.</summary>
sealed class WatchedApi(IKubernetesApi inner, Func<ObjectWrite, bool> before, Func<ObjectWrite, bool> after) : IKubernetesApi
{
    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.GetAsync<T>(ns, name, cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.ListAsync<T>(ns, options, cancellationToken);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.WatchAsync<T>(ns, options, cancellationToken);

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        WriteAsync(Of<T>("create", obj.Metadata.NamespaceProperty, obj.Metadata.Name ?? "", null, ToJson(obj)), () => inner.CreateAsync(obj, cancellationToken));

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        WriteAsync(Of<T>("apply", obj.Metadata.NamespaceProperty, obj.Metadata.Name ?? "", options.Subresource, ToJson(obj)), () => inner.ApplyAsync(obj, options, cancellationToken));

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        WriteAsync(Of<T>("patch", ns, name, subresource, patch, patch), () => inner.MergePatchAsync<T>(ns, name, patch, subresource, cancellationToken));

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken) =>
        WriteAsync(Of<V1Lease>("update", lease.Metadata.NamespaceProperty, lease.Metadata.Name ?? "", null, ToJson(lease)), () => inner.ReplaceLeaseAsync(lease, cancellationToken));

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => WriteAsync(Of<T>("delete", ns, name, null, null), async () =>
        {
            await inner.DeleteAsync<T>(ns, name, options, cancellationToken);
            return true;
        });

    static ObjectWrite Of<T>(string verb, string? ns, string name, string? subresource, JsonNode? body, JsonObject? patch = null)
        where T : class, IKubernetesObject<T>
    {
        var kind = KubernetesKind.Of<T>().Kind;
        return new ObjectWrite(WriteNames.Of(verb, kind, subresource, patch), verb, kind, ns, name, subresource, body);
    }

    static JsonNode? ToJson<T>(T obj)
        where T : class, IKubernetesObject<T> => JsonSerializer.SerializeToNode(obj, T.JsonTypeInfo);

    async Task<TAnswer> WriteAsync<TAnswer>(ObjectWrite write, Func<Task<TAnswer>> send)
    {
        if (!before(write))
        {
            return await new TaskCompletionSource<TAnswer>().Task;
        }

        var answer = await send();
        return after(write) ? answer : await new TaskCompletionSource<TAnswer>().Task;
    }
}
