using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Simulation.Mutants;

/// <summary>The way to the API server, on which notes of failovers are kept back.</summary>
sealed class ForgetfulApi(IKubernetesApi inner, Func<SortedDictionary<string, string>> memory) : IKubernetesApi
{
    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.GetAsync<T>(ns, name, cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.ListAsync<T>(ns, options, cancellationToken);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.WatchAsync<T>(ns, options, cancellationToken);

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.CreateAsync(obj, cancellationToken);

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.ApplyAsync(obj, options, cancellationToken);

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(patch);
        if ((patch["metadata"]?["annotations"] as JsonObject)?[ClusterMetadata.FailoverAnnotation] is not { } note)
        {
            return inner.MergePatchAsync<T>(ns, name, patch, subresource, cancellationToken);
        }

        memory()[name] = note.GetValue<string>();
        return inner.GetAsync<T>(ns, name, cancellationToken);
    }

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken) => inner.ReplaceLeaseAsync(lease, cancellationToken);

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.DeleteAsync<T>(ns, name, options, cancellationToken);
}
