using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Queues;
using Slotwise.LocalKubernetes.Controllers.Discovery;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Garbage;

/// <summary>Carries out what owner references ask for, for objects of every kind, through the API like anybody else.</summary>
public sealed partial class GarbageCollector(ApiDiscovery discovery, EventRecorder events, TimeProvider time, ILogger logger) : IDisposable
{
    const int Workers = 4;

    readonly GarbageGraph _graph = new();
    readonly WorkQueue<ObjectUid> _queue = new(time);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var watch = new MetadataWatch(discovery, Take, time, logger);
        var watching = watch.RunAsync(cancellationToken);
        await watch.Synced;
        await using var shutDown = cancellationToken.UnsafeRegister(_ => _queue.ShutDownAsync(), null);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(cancellationToken)).Append(watching));
    }

    public void Dispose() => _queue.Dispose();

    void Take(AnyObject? before, AnyObject? after)
    {
        foreach (var uid in _graph.Apply(before, after))
        {
            _queue.Add(new ObjectUid(uid));
        }
    }

    async Task WorkAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (await _queue.GetAsync(CancellationToken.None) is { } uid)
        {
            try
            {
                if (_graph.Find(uid.Value) is { } obj && NeedsLook(obj.Metadata))
                {
                    await LookAsync(obj, cancellationToken);
                }

                _queue.Forget(uid);
            }
            catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
            {
                // somebody was faster, or it is refused: again, later and later
                LogPutOff(logger, uid.Value, e.Message);
                _queue.AddRateLimited(uid);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // the end
            }
            finally
            {
                _queue.Done(uid);
            }
        }
    }

    static bool NeedsLook(V1ObjectMeta metadata) => metadata.OwnerReferences is { Count: > 0 } || GarbageGraph.IsLeaving(metadata, GarbageGraph.Foreground) || GarbageGraph.IsLeaving(metadata, GarbageGraph.Orphan);

    async Task LookAsync(AnyObject obj, CancellationToken cancellationToken)
    {
        if (GarbageGraph.IsLeaving(obj.Metadata, GarbageGraph.Orphan))
        {
            await OrphanAsync(obj, cancellationToken);
        }
        else if (GarbageGraph.IsLeaving(obj.Metadata, GarbageGraph.Foreground))
        {
            await FinishForegroundAsync(obj, cancellationToken);
        }
        else if (obj.Metadata.DeletionTimestamp is null)
        {
            await CollectAsync(obj, cancellationToken);
        }
    }

    async Task CollectAsync(AnyObject obj, CancellationToken cancellationToken)
    {
        var owners = new List<(V1OwnerReference, OwnerState)>();
        foreach (var reference in obj.Metadata.OwnerReferences ?? [])
        {
            if (await StateOfAsync(obj, reference, cancellationToken) is not { } state)
            {
                return;
            }

            owners.Add((reference, state));
        }

        if (PlanGarbage.Of(obj.Metadata, owners, false).Action == GarbageAction.Keep)
        {
            return;
        }

        // the watch may be behind: what is decided holds for the object only as it is now
        var latest = await discovery.MetadataAsync(obj.Kind, obj.Metadata.NamespaceProperty, obj.Metadata.Name!, cancellationToken);
        if (latest?.ResourceVersion != obj.Metadata.ResourceVersion)
        {
            return; // its event is on the way
        }

        var step = PlanGarbage.Of(latest!, owners, _graph.Dependents(obj.Metadata.Uid!).Count > 0);
        switch (step.Action)
        {
            case GarbageAction.ForgetOwners:
                await ForgetOwnersAsync(obj, latest!, step.Owners, cancellationToken);
                break;
            case GarbageAction.DeleteForeground:
                await UnblockCycleAsync(obj, latest!, cancellationToken);
                await DeleteAsync(obj, latest!, "Foreground", cancellationToken);
                break;
            case GarbageAction.Delete:
                var finalizers = latest!.Finalizers ?? [];
                await DeleteAsync(obj, latest, finalizers.Contains(GarbageGraph.Orphan) ? "Orphan" : finalizers.Contains(GarbageGraph.Foreground) ? "Foreground" : "Background", cancellationToken);
                break;
        }
    }

    /// <summary>Null when it cannot be told: then the object stays.</summary>
    async Task<OwnerState?> StateOfAsync(AnyObject obj, V1OwnerReference reference, CancellationToken cancellationToken)
    {
        var kind = await discovery.FindAsync(reference.ApiVersion, reference.Kind, cancellationToken);
        if (kind is null)
        {
            throw new KubernetesApiException(System.Net.HttpStatusCode.NotFound, new V1Status { Message = $"no matches for kind \"{reference.Kind}\" in version \"{reference.ApiVersion}\"" });
        }

        var ns = kind.Kind.Namespaced ? obj.Metadata.NamespaceProperty : null;
        var known = _graph.Find(reference.Uid);
        if (known is not null && known.Kind.Kind.Namespaced && known.Metadata.NamespaceProperty != obj.Metadata.NamespaceProperty)
        {
            ReportOtherNamespace(obj, reference);
        }

        if (kind.Kind.Namespaced && ns is null)
        {
            return null; // an object outside of namespaces cannot belong to one inside
        }

        var owner = known is not null && known.Kind.GroupResource == kind.GroupResource && known.Metadata.Name == reference.Name && known.Metadata.NamespaceProperty == ns
            ? known.Metadata
            : await discovery.MetadataAsync(kind, ns, reference.Name, cancellationToken);
        return owner?.Uid != reference.Uid ? OwnerState.Gone
            : GarbageGraph.IsLeaving(owner, GarbageGraph.Foreground) ? OwnerState.Waiting
            : OwnerState.Solid;
    }

    void ReportOtherNamespace(AnyObject obj, V1OwnerReference reference)
    {
        var regarding = new V1ObjectReference { ApiVersion = obj.Kind.Kind.ApiVersion, Kind = obj.Kind.Kind.Kind, Name = obj.Metadata.Name, NamespaceProperty = obj.Metadata.NamespaceProperty, Uid = obj.Metadata.Uid };
        var owner = $"[{reference.ApiVersion}/{reference.Kind}, namespace: {obj.Metadata.NamespaceProperty}, name: {reference.Name}, uid: {reference.Uid}]";
        events.Record(regarding, "Warning", "OwnerRefInvalidNamespace", $"ownerRef {owner} does not exist in namespace \"{obj.Metadata.NamespaceProperty}\"");
    }

    /// <summary>An object that waits for dependents which wait for it would wait for ever: it stops blocking its owners.</summary>
    async Task UnblockCycleAsync(AnyObject obj, V1ObjectMeta latest, CancellationToken cancellationToken)
    {
        if (_graph.Dependents(obj.Metadata.Uid!).Any(dependent => GarbageGraph.IsLeaving(dependent.Metadata, GarbageGraph.Foreground)))
        {
            await PatchAsync(obj, new V1ObjectMeta { Uid = latest.Uid, OwnerReferences = [.. latest.OwnerReferences!.Select(owner => owner with { BlockOwnerDeletion = false })] }, cancellationToken);
        }
    }

    /// <summary>Deletes the dependents of an object that is deleted in the foreground; lets it go when none holds it any more.</summary>
    async Task FinishForegroundAsync(AnyObject obj, CancellationToken cancellationToken)
    {
        var blocking = _graph.Dependents(obj.Metadata.Uid!)
            .Where(dependent => dependent.Metadata.OwnerReferences!.Any(owner => owner.Uid == obj.Metadata.Uid && owner.BlockOwnerDeletion == true)).ToList();
        if (blocking.Count == 0)
        {
            await RemoveFinalizerAsync(obj, GarbageGraph.Foreground, cancellationToken);
        }
    }

    async Task OrphanAsync(AnyObject obj, CancellationToken cancellationToken)
    {
        foreach (var dependent in _graph.Dependents(obj.Metadata.Uid!))
        {
            if (await discovery.MetadataAsync(dependent.Kind, dependent.Metadata.NamespaceProperty, dependent.Metadata.Name!, cancellationToken) is { } latest && latest.Uid == dependent.Metadata.Uid)
            {
                await ForgetOwnersAsync(dependent, latest, [obj.Metadata.Uid!], cancellationToken);
            }
        }

        await RemoveFinalizerAsync(obj, GarbageGraph.Orphan, cancellationToken);
    }

    Task ForgetOwnersAsync(AnyObject obj, V1ObjectMeta latest, IReadOnlyList<string> owners, CancellationToken cancellationToken) =>
        PatchAsync(obj, new V1ObjectMeta { Uid = latest.Uid, ResourceVersion = latest.ResourceVersion, OwnerReferences = [.. (latest.OwnerReferences ?? []).Where(owner => !owners.Contains(owner.Uid))] }, cancellationToken);

    async Task RemoveFinalizerAsync(AnyObject obj, string finalizer, CancellationToken cancellationToken)
    {
        var latest = await discovery.MetadataAsync(obj.Kind, obj.Metadata.NamespaceProperty, obj.Metadata.Name!, cancellationToken);
        if (latest?.Uid == obj.Metadata.Uid && latest?.Finalizers?.Contains(finalizer) == true)
        {
            await PatchAsync(obj, new V1ObjectMeta { Uid = latest.Uid, ResourceVersion = latest.ResourceVersion, Finalizers = [.. latest.Finalizers.Where(one => one != finalizer)] }, cancellationToken);
        }
    }

    async Task DeleteAsync(AnyObject obj, V1ObjectMeta latest, string policy, CancellationToken cancellationToken)
    {
        try
        {
            await discovery.Api.DeleteAsync(obj.Path, new DeleteOptions { PreconditionUid = latest.Uid, PropagationPolicy = policy }, cancellationToken);
            LogDeleted(logger, obj.Kind.GroupResource, obj.Metadata.NamespaceProperty, obj.Metadata.Name);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // gone already
        }
    }

    async Task PatchAsync(AnyObject obj, V1ObjectMeta metadata, CancellationToken cancellationToken)
    {
        try
        {
            await discovery.Api.MergePatchAsync(obj.Path, new JsonObject { ["metadata"] = JsonSerializer.SerializeToNode(metadata, KubernetesJson.Default.V1ObjectMeta) }, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // gone already
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Deleted {Kind} {Namespace}/{Name}: its owners are gone")]
    static partial void LogDeleted(ILogger logger, string kind, string? @namespace, string? name);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Garbage collection of the object {Uid} is put off: {Reason}")]
    static partial void LogPutOff(ILogger logger, string uid, string reason);

    readonly record struct ObjectUid(string Value) : IComparable<ObjectUid>
    {
        public int CompareTo(ObjectUid other) => string.CompareOrdinal(Value, other.Value);

        public static bool operator <(ObjectUid left, ObjectUid right) => left.CompareTo(right) < 0;

        public static bool operator >(ObjectUid left, ObjectUid right) => left.CompareTo(right) > 0;

        public static bool operator <=(ObjectUid left, ObjectUid right) => left.CompareTo(right) <= 0;

        public static bool operator >=(ObjectUid left, ObjectUid right) => left.CompareTo(right) >= 0;
    }
}
