using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Controllers.Discovery;

/// <summary>Lists the metadata of one kind's objects, then follows their changes, until stopped; then they count as gone.</summary>
/// <param name="kind">Of the objects.</param>
/// <param name="api">Who is asked.</param>
/// <param name="deliver">Is told of every change: the object before, null for a new one, and after, null for one that is gone.</param>
sealed partial class MetadataInformer(ServedKind kind, UntypedClient api, Action<AnyObject?, AnyObject?> deliver, TimeProvider time, ILogger logger)
{
    const int PageSize = 500;

    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    static readonly TimeSpan WatchFor = TimeSpan.FromMinutes(8);

    readonly SortedDictionary<NamespacedName, AnyObject> _objects = [];
    readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the first list is in, or the kind turned out to be gone.</summary>
    public Task Synced => _synced.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var version = await ListAsync(cancellationToken);
                _synced.TrySetResult();
                while (true)
                {
                    version = await FollowAsync(version, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (KubernetesApiException e) when (e.IsExpired)
            {
                // too much happened meanwhile: list again
            }
            catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
            {
                LogTrouble(logger, kind.GroupResource, e.Message);
                if (e is KubernetesApiException { IsNotFound: true })
                {
                    _synced.TrySetResult();
                }

                await Task.Delay(RetryAfter, time, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }

        _synced.TrySetResult();
        foreach (var obj in _objects.Values)
        {
            deliver(obj, null);
        }
    }

    async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<NamespacedName, AnyObject>();
        string? next = null;
        string version;
        do
        {
            var list = await api.GetAsync($"{kind.Kind.Path(null)}?limit={PageSize}{(next is null ? "" : $"&continue={Uri.EscapeDataString(next)}")}", UntypedClient.MetadataList, cancellationToken);
            foreach (var item in (list.Array("items") ?? []).OfType<System.Text.Json.Nodes.JsonObject>())
            {
                var obj = new AnyObject(kind, ApiDiscovery.MetadataOf(item));
                found[NameOf(obj)] = obj;
            }

            version = list.Object("metadata").Text("resourceVersion") ?? "";
            next = list.Object("metadata").Text("continue") is { Length: > 0 } token ? token : null;
        }
        while (next is not null);

        foreach (var (name, gone) in _objects.Where(entry => !found.ContainsKey(entry.Key)).ToList())
        {
            _objects.Remove(name);
            deliver(gone, null);
        }

        foreach (var obj in found.Values)
        {
            Take(obj);
        }

        return version;
    }

    /// <returns>The version to watch from next.</returns>
    async Task<string> FollowAsync(string version, CancellationToken cancellationToken)
    {
        var path = $"{kind.Kind.Path(null)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)WatchFor.TotalSeconds}&resourceVersion={version}";
        await foreach (var change in api.WatchAsync(path, UntypedClient.Metadata, cancellationToken))
        {
            var obj = change.Object("object")!;
            switch (change.Text("type"))
            {
                case "ADDED" or "MODIFIED":
                    Take(new AnyObject(kind, ApiDiscovery.MetadataOf(obj)));
                    break;
                case "DELETED":
                    var last = new AnyObject(kind, ApiDiscovery.MetadataOf(obj));
                    _objects.Remove(NameOf(last));
                    deliver(last, null);
                    break;
                case "ERROR":
                    throw new KubernetesApiException(
                        (System.Net.HttpStatusCode)(obj.Number("code") ?? 500),
                        new V1Status { Status = "Failure", Reason = obj.Text("reason"), Message = obj.Text("message") });
            }

            version = obj.Object("metadata").Text("resourceVersion") ?? version;
        }

        return version;
    }

    void Take(AnyObject obj)
    {
        var before = _objects.GetValueOrDefault(NameOf(obj));
        _objects[NameOf(obj)] = obj;
        if (before is not null && before.Metadata.Uid != obj.Metadata.Uid)
        {
            deliver(before, null); // another one of that name came while nobody looked
            before = null;
        }

        deliver(before, obj);
    }

    static NamespacedName NameOf(AnyObject obj) => new(obj.Metadata.NamespaceProperty ?? "", obj.Metadata.Name ?? "");

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cannot follow {Kind}, will try again: {Reason}")]
    static partial void LogTrouble(ILogger logger, string kind, string reason);
}
