using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Api;

/// <summary>
/// What this project asks of the Kubernetes API. The port behind which HTTP lives, so that everything above it can run
/// against a simulated server on a simulated clock.
/// </summary>
/// <remarks>
/// Every method throws <see cref="KubernetesApiException"/> when the server refuses, and <see cref="KubernetesUnreachableException"/>
/// when no answer came. There is no general replace: the models are partial, and a PUT would erase the fields they do not know.
/// </remarks>
public interface IKubernetesApi
{
    Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Reads one page; <see cref="KubernetesList{T}.Continue"/> says where the next one starts.</summary>
    Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Follows changes from <see cref="WatchOptions.ResourceVersion"/> until the server closes the watch.</summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Server-side apply: creates or changes so that every field given here has this value; fields that the manager gave before and no longer gives are removed.</summary>
    /// <param name="obj">Name and the owned fields only: no resourceVersion, no status.</param>
    Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>JSON merge patch (RFC 7386): the one way to remove a field by a null.</summary>
    Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Replaces a Lease if nobody wrote it since <c>metadata.resourceVersion</c>; 409 otherwise.</summary>
    Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken);

    /// <summary>Asks for deletion. The object may live on until its finalizers are gone and its grace period is over.</summary>
    Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;
}
