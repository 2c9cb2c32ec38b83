using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Queues;

namespace Slotwise.Kubernetes.Cache;

/// <summary>
/// Lists a kind once, then follows its changes; after a gap that the server cannot bridge it lists again and reports what is gone.
/// The rules are those of client-go's reflector; <paramref name="random"/> must not be shared with other threads.
/// </summary>
public sealed partial class Informer<T>(IKubernetesApi api, InformerOptions<T> options, TimeProvider time, Random random, ILogger logger) : IObjectCache<T>, IInformer
    where T : class, IKubernetesObject<T>
{
    static readonly TimeSpan ShortestHealthyWatch = TimeSpan.FromSeconds(1);

    readonly ObjectStore<T> _store = new(options.OwnerOf);
    readonly Backoff _backoff = new(time, random);
    readonly List<Action<T?, T?>> _handlers = [];
    readonly Signal _synced = new();
    string _resourceVersion = "";
    volatile string? _trouble = "not started";

    public string Name { get; } = KubernetesKind.Of<T>().Plural + (options.Namespace is null ? "" : $" in {options.Namespace}");

    public bool HasSynced => _synced.IsSet;

    public string? Trouble => _trouble;

    /// <summary>The resource that an object belongs to.</summary>
    public NamespacedName? OwnerOf(T obj) => options.OwnerOf?.Invoke(obj);

    /// <summary>
    /// Calls back on every change with the object before and after it; null before an addition, null after a deletion.
    /// A handler only puts keys into a queue. To be added before <see cref="RunAsync"/>.
    /// </summary>
    public void AddHandler(Action<T?, T?> handler) => _handlers.Add(handler);

    public T? Get(NamespacedName name) => _store.Get(name);

    public IReadOnlyList<T> List() => _store.List();

    public IReadOnlyList<T> OwnedBy(NamespacedName owner) => _store.OwnedBy(owner);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.WaitAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? listFrom = "0"; // whatever the server has at hand: a restart of many clients must not all read from etcd
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ListAsync(listFrom, cancellationToken);
                await FollowAsync(cancellationToken);
                listFrom = _resourceVersion;
            }
            catch (KubernetesApiException refusal) when (refusal.IsExpired && listFrom is not null)
            {
                LogExpired(logger, Name, refusal.Message);
                listFrom = null; // the newest state: always there
            }
            catch (Exception exception) when (exception is KubernetesApiException or KubernetesUnreachableException)
            {
                await RecoverAsync(exception, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Reads all pages before anything is changed: an object on a page not read yet is not gone.</summary>
    async Task ListAsync(string? from, CancellationToken cancellationToken)
    {
        // the server pages a list from an old version only by reading exactly that version, which etcd may have dropped
        var page = new ListOptions
        {
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            ResourceVersion = from,
            Limit = from is null or "0" ? 500 : null,
        };
        var objects = new List<T>();
        var list = await api.ListAsync<T>(options.Namespace, page, cancellationToken);
        objects.AddRange(list.Items.Select(Trim));
        while (list.Continue is { } next)
        {
            list = await NextPageAsync(page, next, objects, cancellationToken);
        }

        _resourceVersion = list.ResourceVersion;
        foreach (var (old, current) in _store.Replace(objects))
        {
            Deliver(old, current);
        }

        _trouble = null;
        _synced.Set();
    }

    /// <summary>Reads on; if the pages have expired meanwhile, everything at once, as the next try by pages would be no faster.</summary>
    async Task<KubernetesList<T>> NextPageAsync(ListOptions first, string next, List<T> objects, CancellationToken cancellationToken)
    {
        KubernetesList<T> list;
        try
        {
            list = await api.ListAsync<T>(options.Namespace, first with { Continue = next, ResourceVersion = null }, cancellationToken);
        }
        catch (KubernetesApiException refusal) when (refusal.IsExpired)
        {
            LogExpired(logger, Name, refusal.Message);
            list = await api.ListAsync<T>(options.Namespace, first with { Limit = null, ResourceVersion = null }, cancellationToken);
            objects.Clear();
        }

        objects.AddRange(list.Items.Select(Trim));
        return list;
    }

    /// <summary>Watches, again and again, from where the last watch ended; returns when only a list can help.</summary>
    async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = time.GetTimestamp();
            var events = 0;
            try
            {
                await foreach (var change in api.WatchAsync<T>(options.Namespace, NextWatch(), cancellationToken))
                {
                    events++;
                    _trouble = null;
                    Take(change);
                }

                if (events == 0 && time.GetElapsedTime(started) < ShortestHealthyWatch)
                {
                    await RecoverAsync(new KubernetesUnreachableException("the server closed the watch at once"), cancellationToken);
                }
            }
            catch (KubernetesApiException refusal) when (refusal.IsExpired)
            {
                LogExpired(logger, Name, refusal.Message);
                if (events == 0 && time.GetElapsedTime(started) < ShortestHealthyWatch)
                {
                    await _backoff.WaitAsync(cancellationToken); // a server that forgets at once must not make us list without pause
                }

                return;
            }
            catch (KubernetesApiException refusal) when (refusal.Code != System.Net.HttpStatusCode.TooManyRequests)
            {
                await RecoverAsync(refusal, cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is KubernetesApiException or KubernetesUnreachableException)
            {
                await RecoverAsync(exception, cancellationToken);
            }
        }
    }

    WatchOptions NextWatch() => new()
    {
        LabelSelector = options.LabelSelector,
        FieldSelector = options.FieldSelector,
        ResourceVersion = _resourceVersion,
        Timeout = TimeSpan.FromSeconds(random.Next(300, 601)), // so that watches opened together do not end together
    };

    void Take(WatchEvent<T> change)
    {
        switch (change.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                var current = Trim(change.Object!);
                Deliver(_store.Set(current), current);
                break;
            case WatchEventType.Deleted:
                var last = Trim(change.Object!);
                Deliver(_store.Remove(NamespacedName.Of(last)) ?? last, null);
                break;
        }

        if (change.ResourceVersion.Length > 0)
        {
            _resourceVersion = change.ResourceVersion;
        }
    }

    T Trim(T obj) => options.Transform is { } transform ? transform(obj) : obj;

    void Deliver(T? old, T? current)
    {
        foreach (var handler in _handlers)
        {
            handler(old, current);
        }
    }

    async Task RecoverAsync(Exception exception, CancellationToken cancellationToken)
    {
        _trouble = exception.Message;
        LogTrouble(logger, Name, exception.Message);
        await _backoff.WaitAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot follow {Kind}, will try again: {Reason}")]
    static partial void LogTrouble(ILogger logger, string kind, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Listing {Kind} again: {Reason}")]
    static partial void LogExpired(ILogger logger, string kind, string reason);
}
