using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;


namespace Slotwise.LocalKubernetes.Controllers.Discovery;

/// <summary>Follows the metadata of all objects of all kinds, also of kinds that come and go.</summary>
/// <param name="discovery">Which kinds there are.</param>
/// <param name="deliver">Is told of every change of an object, see <see cref="MetadataInformer"/>; by many threads.</param>
public sealed partial class MetadataWatch(ApiDiscovery discovery, Action<AnyObject?, AnyObject?> deliver, TimeProvider time, ILogger logger)
{
    /// <summary>Definitions are followed like all else, and tell when to look for new kinds; this is for what they do not tell.</summary>
    static readonly TimeSpan RediscoverAfter = TimeSpan.FromSeconds(30);

    // a definition is served a moment after it was written
    static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    readonly SortedDictionary<string, (ServedKind Kind, MetadataInformer Informer, Task Run, CancellationTokenSource Stop)> _followed = [];
    readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    TaskCompletionSource _definitionsChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when everything that was there at the start is known.</summary>
    public Task Synced => _synced.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var changed = _definitionsChanged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await FollowAsync(cancellationToken);
                await Task.WhenAny(changed.Task, Task.Delay(RediscoverAfter, time, cancellationToken));
                await Task.Delay(Settle, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _synced.TrySetResult();
            await Task.WhenAll(_followed.Values.Select(entry => entry.Run));
            foreach (var (_, _, _, stop) in _followed.Values)
            {
                stop.Dispose();
            }
        }
    }

    async Task FollowAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ServedKind> kinds;
        try
        {
            kinds = [.. (await discovery.ReadAsync(cancellationToken)).Where(IsFollowed)];
        }
        catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
        {
            LogUndiscovered(logger, e.Message);
            _definitionsChanged.TrySetResult();
            return;
        }

        foreach (var (name, entry) in _followed.Where(entry => kinds.All(kind => kind.Kind != entry.Value.Kind.Kind)).ToList())
        {
            _followed.Remove(name);
            await entry.Stop.CancelAsync();
            await entry.Run;
            entry.Stop.Dispose();
        }

        foreach (var kind in kinds.Where(kind => !_followed.ContainsKey(kind.GroupResource)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var informer = new MetadataInformer(kind, discovery.Api, Deliver, time, logger);
            _followed.Add(kind.GroupResource, (kind, informer, Task.Run(() => informer.RunAsync(stop.Token), CancellationToken.None), stop));
        }

        await Task.WhenAll(_followed.Values.Select(entry => entry.Informer.Synced));
        _synced.TrySetResult();
    }

    void Deliver(AnyObject? before, AnyObject? after)
    {
        deliver(before, after);
        if ((after ?? before)!.Kind.GroupResource == "customresourcedefinitions.apiextensions.k8s.io")
        {
            _definitionsChanged.TrySetResult();
        }
    }

    /// <summary>Events belong to nobody, and are many.</summary>
    static bool IsFollowed(ServedKind kind) => kind.Can("list", "watch", "delete") && kind.Kind.Plural != "events";

    [LoggerMessage(Level = LogLevel.Debug, Message = "The kinds that are served cannot be read, will try again: {Reason}")]
    static partial void LogUndiscovered(ILogger logger, string reason);
}
