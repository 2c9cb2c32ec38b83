using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>The store's API with a hook before and after every write.</summary>
sealed class FaultyApi(IKubernetesApi inner) : IKubernetesApi
{
    public Action? BeforeWrite { get; set; }

    public Action? AfterWrite { get; set; }

    /// <summary>Told what is to be applied; it may refuse.</summary>
    public Action<IKubernetesObject>? BeforeApply { get; set; }

    /// <summary>Told the name of a pod that is to be deleted.</summary>
    public Action<string>? BeforePodDeletion { get; set; }

    /// <summary>Told the kind and name of what is to be patched, and with what; it may refuse.</summary>
    public Action<Type, string, JsonObject>? BeforePatch { get; set; }

    public int Writes { get; private set; }

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.GetAsync<T>(ns, name, cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.ListAsync<T>(ns, options, cancellationToken);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.WatchAsync<T>(ns, options, cancellationToken);

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => WriteAsync(() => inner.CreateAsync(obj, cancellationToken));

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => WriteAsync(() =>
        {
            BeforeApply?.Invoke(obj);
            return inner.ApplyAsync(obj, options, cancellationToken);
        });

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => WriteAsync(() =>
        {
            BeforePatch?.Invoke(typeof(T), name, patch);
            return inner.MergePatchAsync<T>(ns, name, patch, subresource, cancellationToken);
        });

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken) =>
        WriteAsync(() => inner.ReplaceLeaseAsync(lease, cancellationToken));

    public async Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => await WriteAsync(async () =>
        {
            if (typeof(T) == typeof(V1Pod))
            {
                BeforePodDeletion?.Invoke(name);
            }

            await inner.DeleteAsync<T>(ns, name, options, cancellationToken);
            return 0;
        });

    async Task<TResult> WriteAsync<TResult>(Func<Task<TResult>> write)
    {
        BeforeWrite?.Invoke();
        Writes++;
        var result = await write();
        AfterWrite?.Invoke();
        return result;
    }
}
