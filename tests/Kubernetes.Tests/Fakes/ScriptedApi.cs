using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Tests.Fakes;

/// <summary>An API whose lists and watches a test writes, one after the other. What is not written is not expected.</summary>
public sealed class ScriptedApi : IKubernetesApi
{
    readonly Queue<Func<ListOptions, Task<KubernetesList<V1ConfigMap>>>> _lists = new();
    readonly Queue<Func<WatchOptions, CancellationToken, IAsyncEnumerable<WatchEvent<V1ConfigMap>>>> _watches = new();

    public List<ListOptions> Lists { get; } = [];

    public List<WatchOptions> Watches { get; } = [];

    public void OnList(Func<ListOptions, Task<KubernetesList<V1ConfigMap>>> answer) => _lists.Enqueue(answer);

    public void OnList(string version, string? next, params V1ConfigMap[] items) => OnList(_ => Task.FromResult(new KubernetesList<V1ConfigMap>(items, version, next)));

    public void OnListFail(Exception exception) => OnList(_ => Task.FromException<KubernetesList<V1ConfigMap>>(exception));

    public void OnWatch(Func<WatchOptions, CancellationToken, IAsyncEnumerable<WatchEvent<V1ConfigMap>>> answer) => _watches.Enqueue(answer);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        Lists.Add(options);
        return (Task<KubernetesList<T>>)(object)_lists.Dequeue()(options);
    }

    /// <summary>After the last written watch comes one that stays open and silent.</summary>
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        Watches.Add(options);
        return (IAsyncEnumerable<WatchEvent<T>>)(_watches.TryDequeue(out var answer) ? answer(options, cancellationToken) : SilentAsync(cancellationToken));
    }

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    static async IAsyncEnumerable<WatchEvent<V1ConfigMap>> SilentAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => cancelled.TrySetCanceled(cancellationToken));
        await cancelled.Task;
        yield break;
    }
}
