using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>A pod of a shard and what its server said.</summary>
/// <param name="Pod">The pod, as cached.</param>
/// <param name="Shard">The index of its shard.</param>
/// <param name="Ordinal">Its place in the StatefulSet; says nothing about its role.</param>
/// <param name="Server">What the server said; null when it was not asked, did not answer, or did not prove to be this pod's.</param>
/// <param name="Silence">Why there is no <paramref name="Server"/>, for people; null when there is one.</param>
public sealed record PodObservation(V1Pod Pod, int Shard, int Ordinal, ServerObservation? Server, string? Silence)
{
    /// <summary>Whether its server lost its memory and may not start yet (gate.sh); <see cref="Silence"/> says what it waits for.</summary>
    public bool IsAtGate { get; init; }

    /// <summary>Whether its server reads its data still, and answers nothing but that.</summary>
    public bool IsLoading { get; init; }

    public string Name => Pod.Metadata.Name ?? "";

    public string Uid => Pod.Metadata.Uid ?? "";

    public string? Address => Pod.Status?.PodIP;

    /// <summary>How to ask its server; null while it has no address.</summary>
    public ServerReference? Reference => Address is { Length: > 0 } address
        ? new ServerReference(Name, Uid, new RedisEndpoint(address, ClusterPorts.Data))
        : null;

    /// <summary>The host that it is bound to; empty while it is to none.</summary>
    public string Host => Pod.Spec?.NodeName ?? "";

    public bool IsTerminating => Pod.Metadata.DeletionTimestamp is not null;

    /// <summary>Ready as the kubelet's readiness probe has it, hence reachable through the client Service.</summary>
    public bool IsReady => Pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>The container with the server, once the kubelet reports on it.</summary>
    public V1ContainerStatus? Container =>
        Pod.Status?.ContainerStatuses?.FirstOrDefault(container => container.Name == ClusterNames.RedisContainer);

    /// <summary>
    /// Whether the kubelet reports that the server that ran here has ended: the container has, or the one after it has no server yet, as its startup probe has
    /// not succeeded. Then no process of an earlier moment lives in this pod.
    /// </summary>
    public bool HasEnded => Container is { } container
        && (container.State?.Terminated is not null
            || (container.LastState?.Terminated is not null && (container.State?.Waiting is not null || (container.State?.Running is not null && container.Started != true))));

    /// <summary>
    /// Whether no process of this pod ever ran, so that nothing can be in its memory and nothing was written to its volume by it.
    /// </summary>
    public bool NeverStarted =>
        Container is null or { RestartCount: 0, State: null or { Running: null, Terminated: null }, LastState: null or { Terminated: null } };

    /// <summary>Whether its server is about to be there: nothing is known to be in the way of the pod, its container or the reading of its data.</summary>
    public bool IsOnItsWay => !IsTerminating && !IsAtGate && Server is null && Trouble is null && (IsLoading || Container is not { State.Running: not null, Started: true });

    /// <summary>
    /// What keeps the pod from running, in Kubernetes' words: it has no place, or one of its containers does not start. Null for one that runs or is on its way.
    /// </summary>
    public PodTrouble? Trouble
    {
        get
        {
            if (Pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" }) is { } unschedulable)
            {
                return new PodTrouble("Unschedulable", unschedulable.Message ?? "");
            }

            return (
                from container in (Pod.Status?.InitContainerStatuses ?? []).Concat(Pod.Status?.ContainerStatuses ?? [])
                let waiting = container.State?.Waiting
                where waiting?.Reason is { Length: > 0 } and not ("ContainerCreating" or "PodInitializing")
                select new PodTrouble(waiting.Reason!, container.Name == ClusterNames.RedisContainer ? Silence ?? waiting.Message ?? "" : $"container {container.Name}: {waiting.Reason}: {waiting.Message}")).FirstOrDefault();
        }
    }
}

/// <summary>Why a pod does not run.</summary>
/// <param name="Reason">In one CamelCase word, such as <c>ErrImagePull</c>.</param>
/// <param name="Message">In the words of whoever found out.</param>
public sealed record PodTrouble(string Reason, string Message);
