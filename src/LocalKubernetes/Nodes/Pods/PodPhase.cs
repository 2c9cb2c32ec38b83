using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>Where a pod is in its life, as its containers show it. Pure; the rules are those of kubelet's getPhase.</summary>
static class PodPhase
{
    /// <param name="pod">Its restart policy counts.</param>
    /// <param name="containers">All its containers.</param>
    /// <param name="isOver">Whether it was told to end and none of its containers will be started again.</param>
    public static string Of(V1Pod pod, IReadOnlyList<ContainerSnapshot> containers, bool isOver)
    {
        var policy = pod.Spec?.RestartPolicy ?? "Always";
        var initial = containers.Where(container => container.Kind != ContainerKind.Main).ToList();
        var main = containers.Where(container => container.Kind == ContainerKind.Main).Select(container => container.Status).ToList();
        var runs = containers.Any(container => container.Status.State?.Running is not null);
        if (isOver && !runs)
        {
            return main.All(status => status.State?.Terminated?.ExitCode == 0) ? "Succeeded" : "Failed";
        }

        if (!runs && policy == "Never" && initial.Any(container => container.Kind == ContainerKind.Init && container.Status.State?.Terminated is { ExitCode: not 0 }))
        {
            return "Failed";
        }

        var hasStarted = main.Any(status => status.State?.Running is not null || IsStopped(status));
        if ((!hasStarted && initial.Any(container => !IsInitialized(container))) || main.Any(status => status.State?.Running is null && !IsStopped(status)))
        {
            return "Pending";
        }

        if (runs || policy == "Always" || main.Any(status => status.State?.Terminated is null))
        {
            return "Running";
        }

        return main.All(status => status.State?.Terminated?.ExitCode == 0) ? "Succeeded" : policy == "Never" ? "Failed" : "Running";
    }

    public static bool IsInitialized(ContainerSnapshot container) => container.Kind == ContainerKind.Sidecar
        ? container.Status.Started == true
        : container.Status.State?.Terminated is { ExitCode: 0 };

    /// <summary>Ended, or ended and waiting for its next run.</summary>
    static bool IsStopped(V1ContainerStatus status) => status.State?.Terminated is not null || (status.State?.Waiting is not null && status.LastState?.Terminated is not null);
}
