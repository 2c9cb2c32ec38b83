using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>A host's line to the API server, which can be cut. What is sent meanwhile waits, as packets are sent again, and is given up after some seconds.</summary>
sealed class HostLink(IKubernetesApi api, string host, TimeProvider time) : IKubernetesApi, IDisposable
{
    /// <summary>How long a request waits for the line.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Lock _gate = new();
    CancellationTokenSource _cut = new();
    TaskCompletionSource _mended = Completed();
    bool _closed;

    public bool IsCut => !_mended.Task.IsCompleted;

    public void Cut()
    {
        lock (_gate)
        {
            if (IsCut)
            {
                return;
            }

            _mended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // what is on its way ends without an answer; nobody knows whether it arrived
        _cut.Cancel();
    }

    public void Mend()
    {
        lock (_gate)
        {
            if (IsCut && !_closed)
            {
                _cut = new CancellationTokenSource();
                _mended.TrySetResult();
            }
        }
    }

    /// <summary>Ends everything on it for good.</summary>
    public void Dispose()
    {
        Cut();
        lock (_gate)
        {
            _closed = true;
            _mended.TrySetResult();
        }
    }

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => SendAsync(token => api.GetAsync<T>(ns, name, token), cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => SendAsync(token => api.ListAsync<T>(ns, options, token), cancellationToken);

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        await WaitAsync(cancellationToken);
        var cut = _cut;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cut.Token);
        await using var events = api.WatchAsync<T>(ns, options, either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Unreachable();
            }

            if (cut.IsCancellationRequested)
            {
                throw Unreachable();
            }

            yield return events.Current;
        }
    }

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => SendAsync(token => api.CreateAsync(obj, token), cancellationToken);

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => SendAsync(token => api.ApplyAsync(obj, options, token), cancellationToken);

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => SendAsync(token => api.MergePatchAsync<T>(ns, name, patch, subresource, token), cancellationToken);

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken) => SendAsync(token => api.ReplaceLeaseAsync(lease, token), cancellationToken);

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => SendAsync(
            async token =>
            {
                await api.DeleteAsync<T>(ns, name, options, token);
                return true;
            },
            cancellationToken);

    async Task<T> SendAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        var cut = _cut;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cut.Token);
        try
        {
            return await request(either.Token);
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Unreachable();
        }
    }

    async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (IsCut)
        {
            try
            {
                await _mended.Task.WaitAsync(Patience, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw Unreachable();
            }
        }

        if (_closed)
        {
            throw Unreachable();
        }
    }

    KubernetesUnreachableException Unreachable() => new($"host {host} does not reach the API server");

    static TaskCompletionSource Completed()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
