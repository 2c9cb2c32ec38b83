using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>Writes a pod's status when it changed: at once after a quiet time, else after the interval, so that bursts become one write.</summary>
sealed partial class PodStatusWriter(PodContext context, Func<V1PodStatus> build) : IDisposable
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim _turn = new(1);
    readonly SemaphoreSlim _dirty = new(0, 1);
    volatile string? _written;

    /// <summary>Asks for a write soon.</summary>
    public void MarkChanged()
    {
        try
        {
            _dirty.Release();
        }
        catch (SemaphoreFullException)
        {
            // asked for already
        }
    }

    /// <summary>Asks for a write when the newest version of the pod is not as ready as it is: the control plane says so of pods on a host that was silent.</summary>
    public void Reconcile()
    {
        if (_written is not null && ReadyIn(context.Pod.Status) != ReadyIn(build()))
        {
            _written = null;
            MarkChanged();
        }
    }

    static string? ReadyIn(V1PodStatus? status) => status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status;

    /// <summary>Writes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _dirty.WaitAsync(cancellationToken);
                if (!await TryWriteAsync(cancellationToken))
                {
                    MarkChanged();
                    await Task.Delay(RetryAfter, context.Services.Time, cancellationToken);
                }

                await Task.Delay(context.Services.Options.StatusInterval, context.Services.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the pod is done
        }
    }

    /// <summary>Writes the present status; false when it must be tried again. A pod that is gone needs no status.</summary>
    public async Task<bool> TryWriteAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var pod = context.Pod;
            var status = build();
            var json = (JsonObject)JsonSerializer.SerializeToNode(new V1Pod { Metadata = new V1ObjectMeta { Uid = pod.Metadata.Uid }, Status = status }, V1Pod.JsonTypeInfo)!;
            json.Remove("apiVersion");
            json.Remove("kind");
            var text = json.ToJsonString();
            if (text == _written)
            {
                return true;
            }

            // the uid makes the server refuse to write this status onto another pod of the same name
            context.Update(await context.Services.Api.MergePatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, context.Name, json, "status", cancellationToken));
            _written = text;
            return true;
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
        {
            LogNotWritten(context.Services.Logger, NamespacedName.Of(context.Pod), e.Message);
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        _dirty.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The status of pod {Pod} cannot be written, will try again: {Reason}")]
    static partial void LogNotWritten(ILogger logger, NamespacedName pod, string reason);
}
