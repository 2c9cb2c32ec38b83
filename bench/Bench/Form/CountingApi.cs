using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Bench.Form;

/// <summary>Counts the writes that go to the API server.</summary>
sealed class CountingApi(IKubernetesApi inner) : IKubernetesApi
{
    int _writes;

    public int Writes => Volatile.Read(ref _writes);

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.GetAsync<T>(ns, name, cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.ListAsync<T>(ns, options, cancellationToken);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.WatchAsync<T>(ns, options, cancellationToken);

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => Count(inner.CreateAsync(obj, cancellationToken));

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => Count(inner.ApplyAsync(obj, options, cancellationToken));

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => Count(inner.MergePatchAsync<T>(ns, name, patch, subresource, cancellationToken));

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken) => Count(inner.ReplaceLeaseAsync(lease, cancellationToken));

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        Interlocked.Increment(ref _writes);
        return inner.DeleteAsync<T>(ns, name, options, cancellationToken);
    }

    Task<T> Count<T>(Task<T> write)
    {
        Interlocked.Increment(ref _writes);
        return write;
    }
}
