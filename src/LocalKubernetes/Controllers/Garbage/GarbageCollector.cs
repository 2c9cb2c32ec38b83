using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Controllers.Garbage;

/// <summary>Carries out what owner references ask for, for objects of every kind.</summary>
/// <remarks>It works on the store itself, because it must see kinds that nobody has written a model for.</remarks>
public sealed partial class GarbageCollector(Store store, TimeProvider time, ILogger logger)
{
    // how long an object may outlive its owner; a look costs nothing when nothing was written
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    static readonly WriteOptions Options = new() { Manager = "garbage-collector", Validation = FieldValidation.Ignore };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var seen = -1L;
        try
        {
            while (true)
            {
                var version = store.ResourceVersion;
                if (version != seen)
                {
                    seen = version;
                    if (Collect() > 0)
                    {
                        // what it did may have made more garbage
                        continue;
                    }
                }

                await Task.Delay(Interval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the end
        }
    }

    /// <summary>One pass over everything.</summary>
    /// <returns>How many objects it changed.</returns>
    public int Collect()
    {
        var changed = 0;
        var everything = store.Everything();
        var kinds = everything.ToDictionary(entry => entry.Object, entry => entry.Kind);
        foreach (var step in PlanGarbage.Of([.. everything.Select(entry => entry.Object)]))
        {
            try
            {
                Execute(kinds[step.Object], step);
                changed++;
            }
            catch (KubernetesApiException e)
            {
                // somebody was faster: the next pass sees it
                LogSkipped(logger, step.Object.Key.Name, e.Message);
            }
        }

        return changed;
    }

    void Execute(ResourceKind kind, GarbageStep step)
    {
        var (ns, name) = (step.Object.Key.Namespace, step.Object.Key.Name);
        var metadata = new JsonObject { ["uid"] = Meta.Uid(step.Object.Json), ["resourceVersion"] = Meta.ResourceVersion(step.Object.Json) };
        switch (step.Action)
        {
            case GarbageAction.Delete or GarbageAction.DeleteForeground:
                store.Delete(kind, ns, name, new DeleteOptions
                {
                    PreconditionUid = Meta.Uid(step.Object.Json),
                    PropagationPolicy = step.Action == GarbageAction.Delete ? "Background" : "Foreground",
                });
                return;
            case GarbageAction.ForgetOwners:
                metadata["ownerReferences"] = new JsonArray([.. (step.Object.Json.Object("metadata").Array("ownerReferences") ?? [])
                    .OfType<JsonObject>()
                    .Where(owner => !step.Owners.Contains(owner.Text("uid") ?? ""))
                    .Select(owner => owner.DeepClone())]);
                break;
            case GarbageAction.RemoveFinalizer:
                metadata["finalizers"] = new JsonArray([.. Meta.Finalizers(step.Object.Json).Where(finalizer => finalizer != step.Finalizer).Select(finalizer => (JsonNode)finalizer)]);
                break;
        }

        store.Patch(kind, ns, name, PatchType.Merge, new JsonObject { ["metadata"] = metadata }, null, Options);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Garbage collection of {Name} is put off: {Reason}")]
    static partial void LogSkipped(ILogger logger, string name, string reason);
}
