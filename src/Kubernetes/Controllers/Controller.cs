using System.Globalization;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Queues;

namespace Slotwise.Kubernetes.Controllers;

/// <summary>
/// Runs <see cref="IEntityController{T}"/> over every resource that changed, failed or asked for another look. Never two passes over
/// one resource at a time, and a resource that fails is tried for ever, later and later.
/// </summary>
public sealed partial class Controller<T> : IDisposable
    where T : class, IKubernetesObject<T>
{
    readonly IEntityController<T> _reconciler;
    readonly ControllerOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly List<IInformer> _informers = [];
    readonly List<(Informer<T> Informer, Func<T, bool>? IsUrgent)> _primaries = [];
    long _passes;

    public Controller(IEntityController<T> reconciler, ControllerOptions options, TimeProvider time, ILogger logger)
    {
        _reconciler = reconciler;
        _options = options;
        _time = time;
        _logger = logger;
        Queue = new WorkQueue<NamespacedName>(time);
    }

    public WorkQueue<NamespacedName> Queue { get; }

    /// <summary>The informers that must be in sync before the first pass.</summary>
    public IReadOnlyList<IInformer> Informers => _informers;

    /// <summary>Looks at a resource whenever it changes.</summary>
    /// <param name="isUrgent">Whether a resource goes before others: a hurt or a new one before settled ones.</param>
    /// <param name="isReport">Whether what changed from one to the other asks for nothing, as a status does.</param>
    public void Watch(Informer<T> informer, Func<T, bool>? isUrgent = null, Func<T, T, bool>? isReport = null)
    {
        ArgumentNullException.ThrowIfNull(informer);
        _informers.Add(informer);
        _primaries.Add((informer, isUrgent));
        informer.AddHandler((old, current) =>
        {
            if (old is null || current is null || isReport?.Invoke(old, current) != true)
            {
                Enqueue(NamespacedName.Of((current ?? old)!));
            }
        });
    }

    /// <summary>Looks at a resource whenever an object of another kind that belongs to it changes, or changes its owner.</summary>
    /// <param name="isReport">Whether what changed from one to the other asks for nothing, as a status that nobody reads.</param>
    public void WatchOwned<TOwned>(Informer<TOwned> informer, Func<TOwned, TOwned, bool>? isReport = null)
        where TOwned : class, IKubernetesObject<TOwned>
    {
        ArgumentNullException.ThrowIfNull(informer);
        _informers.Add(informer);
        informer.AddHandler((old, current) =>
        {
            var before = old is null ? null : informer.OwnerOf(old);
            var after = current is null ? null : informer.OwnerOf(current);
            if (before is { } last && last != after)
            {
                Enqueue(last);
            }

            if (after is { } owner && (before != after || isReport?.Invoke(old!, current!) != true))
            {
                Enqueue(owner);
            }
        });
    }

    /// <summary>Looks at the resources that an object of another kind concerns, which belongs to none of them, whenever it changes.</summary>
    /// <param name="informer">The objects.</param>
    /// <param name="concerned">Whom a change concerns; it gets the object before and after, null before an addition and after a deletion.</param>
    public void WatchRelated<TRelated>(Informer<TRelated> informer, Func<TRelated?, TRelated?, IEnumerable<NamespacedName>> concerned)
        where TRelated : class, IKubernetesObject<TRelated>
    {
        ArgumentNullException.ThrowIfNull(informer);
        _informers.Add(informer);
        informer.AddHandler((old, current) =>
        {
            foreach (var key in concerned(old, current))
            {
                Enqueue(key);
            }
        });
    }

    /// <summary>
    /// Waits for all informers (which run elsewhere), then works until cancelled. A pass that runs then is let finish; it is
    /// the caller who bounds how long.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_informers.Select(informer => informer.WaitForSyncAsync(cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        await using var shutDown = cancellationToken.UnsafeRegister(_ => Queue.ShutDownAsync(), null);
        await Task.WhenAll(Enumerable.Range(0, _options.Workers).Select(_ => WorkAsync()));
    }

    public void Dispose() => Queue.Dispose();

    void Enqueue(NamespacedName key) => Queue.AddAfter(key, _options.Gather, IsUrgent(key));

    /// <summary>A resource that is gone has something to clean up: as urgent as a new one.</summary>
    bool IsUrgent(NamespacedName key)
    {
        foreach (var (informer, isUrgent) in _primaries)
        {
            if (informer.Get(key) is { } resource)
            {
                return isUrgent?.Invoke(resource) ?? false;
            }
        }

        return true;
    }

    async Task WorkAsync()
    {
        await Task.Yield(); // or a pass that never waits would keep the other workers from starting
        while (await Queue.GetAsync(CancellationToken.None) is { } key)
        {
            try
            {
                await PassAsync(key);
            }
            finally
            {
                Queue.Done(key);
            }
        }
    }

    async Task PassAsync(NamespacedName key)
    {
        var id = Interlocked.Increment(ref _passes).ToString(CultureInfo.InvariantCulture);
        using var scope = _logger.BeginScope(
            (KeyValuePair<string, object>[])[new("namespace", key.Namespace), new("name", key.Name), new("reconcileId", id)]);
        using var timeout = new CancellationTokenSource(_options.PassTimeout ?? Timeout.InfiniteTimeSpan, _time);
        try
        {
            var result = await _reconciler.ReconcileAsync(key, timeout.Token);
            Queue.Forget(key);
            if (result.RequeueAfter is { } delay)
            {
                Queue.AddAfter(key, delay, IsUrgent(key));
            }
        }
        catch (KubernetesApiException refusal) when (refusal.IsConflict || refusal.IsNotFound)
        {
            LogOutrun(_logger, key, refusal.Message); // somebody else was faster: the caches will show it
            Queue.AddRateLimited(key, IsUrgent(key));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            LogTooSlow(_logger, key, _options.PassTimeout!.Value.TotalSeconds);
            Queue.AddRateLimited(key, IsUrgent(key));
        }
#pragma warning disable CA1031 // whatever one pass throws must not end the worker: its resource is tried again
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(_logger, exception is KubernetesApiException or KubernetesUnreachableException ? null : exception, key, Queue.Failures(key) + 1, exception.Message);
            Queue.AddRateLimited(key, IsUrgent(key), (exception as KubernetesApiException)?.RetryAfter ?? TimeSpan.Zero);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Key}: {Reason}; looking again")]
    static partial void LogOutrun(ILogger logger, NamespacedName key, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Key}: the pass took longer than {Seconds} s and was cancelled")]
    static partial void LogTooSlow(ILogger logger, NamespacedName key, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Key}: the pass failed ({Failures} in a row): {Reason}")]
    static partial void LogFailed(ILogger logger, Exception? exception, NamespacedName key, int failures, string reason);
}
