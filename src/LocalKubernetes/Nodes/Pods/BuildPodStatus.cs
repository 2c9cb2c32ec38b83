using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>A pod's status as its containers make it. Pure; the rules are those of kubelet's status manager and getPhase.</summary>
public static class BuildPodStatus
{
    /// <param name="pod">The pod; conditions of others in its status are kept.</param>
    /// <param name="containers">All its containers.</param>
    /// <param name="podIP">Null before it has an address.</param>
    /// <param name="hostIP">The address of its host.</param>
    /// <param name="now">The time of conditions that change.</param>
    public static V1PodStatus Of(V1Pod pod, IReadOnlyList<ContainerSnapshot> containers, string? podIP, string hostIP, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(containers);
        var before = pod.Status ?? new V1PodStatus();
        var main = Statuses(containers, ContainerKind.Main);
        var initial = containers.Where(container => container.Kind != ContainerKind.Main).ToList();
        var phase = Phase(pod, containers);
        var uninitialized = initial.Where(container => !IsInitialized(container)).Select(container => container.Status.Name).ToList();
        var unready = containers.Where(container => container.Kind != ContainerKind.Init && !container.Status.Ready).Select(container => container.Status.Name).ToList();
        var completed = phase == "Succeeded";
        var conditions = new List<V1PodCondition>
        {
            Condition("PodReadyToStartContainers", podIP is not null, null, null),
            uninitialized.Count == 0 || completed
                ? Condition("Initialized", true, completed ? "PodCompleted" : null, null)
                : Condition("Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', uninitialized)}]"),
            Readiness("Ready"),
            Readiness("ContainersReady"),
        };
        var own = conditions.Select(condition => condition.Type).ToHashSet();
        conditions.AddRange((before.Conditions ?? []).Where(condition => !own.Contains(condition.Type)));
        if (!conditions.Any(condition => condition.Type == "PodScheduled"))
        {
            conditions.Add(Condition("PodScheduled", true, null, null));
        }

        return new V1PodStatus
        {
            Phase = phase,
            HostIP = hostIP,
            PodIP = podIP,
            PodIPs = podIP is null ? null : [new V1PodIP { Ip = podIP }],
            StartTime = before.StartTime ?? now,
            QosClass = before.QosClass,
            Conditions = conditions,
            InitContainerStatuses = initial.Count == 0 ? null : [.. initial.Select(container => container.Status)],
            ContainerStatuses = main,
        };

        V1PodCondition Readiness(string type) => completed
            ? Condition(type, false, "PodCompleted", null)
            : unready.Count == 0 && phase == "Running"
                ? Condition(type, true, null, null)
                : Condition(type, false, phase == "Failed" ? "PodFailed" : "ContainersNotReady", phase == "Failed" ? null : $"containers with unready status: [{string.Join(' ', unready)}]");

        V1PodCondition Condition(string type, bool holds, string? reason, string? message)
        {
            var status = holds ? "True" : "False";
            var old = before.Conditions?.FirstOrDefault(condition => condition.Type == type);
            return new V1PodCondition
            {
                Type = type,
                Status = status,
                Reason = reason,
                Message = message,
                LastTransitionTime = old?.Status == status ? old.LastTransitionTime ?? now : now,
            };
        }
    }

    static string Phase(V1Pod pod, IReadOnlyList<ContainerSnapshot> containers)
    {
        var policy = pod.Spec?.RestartPolicy ?? "Always";
        var initial = containers.Where(container => container.Kind != ContainerKind.Main).ToList();
        if (initial.Any(container => container.Kind == ContainerKind.Init && policy == "Never" && container.Status.State?.Terminated is { ExitCode: not 0 }))
        {
            return "Failed";
        }

        var main = Statuses(containers, ContainerKind.Main);
        var started = main.Any(status => status.State?.Running is not null || status.State?.Terminated is not null || status.LastState?.Terminated is not null);
        if (!started && (initial.Any(container => !IsInitialized(container)) || main.Any(status => status.State?.Running is null)))
        {
            return "Pending";
        }

        if (main.Any(status => status.State?.Waiting is not null && status.LastState?.Terminated is null))
        {
            return "Pending";
        }

        if (policy == "Always" || main.Any(status => status.State?.Terminated is null))
        {
            return "Running";
        }

        return main.All(status => status.State?.Terminated?.ExitCode == 0) ? "Succeeded" : policy == "Never" ? "Failed" : "Running";
    }

    static bool IsInitialized(ContainerSnapshot container) => container.Kind == ContainerKind.Sidecar
        ? container.Status.Started == true
        : container.Status.State?.Terminated is { ExitCode: 0 };

    static List<V1ContainerStatus> Statuses(IReadOnlyList<ContainerSnapshot> containers, ContainerKind kind) =>
        [.. containers.Where(container => container.Kind == kind).Select(container => container.Status)];
}
