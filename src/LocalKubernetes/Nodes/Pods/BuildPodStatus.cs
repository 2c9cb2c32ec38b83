using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>A pod's status as its containers make it. Pure; the rules are those of kubelet's status manager.</summary>
public static class BuildPodStatus
{
    /// <param name="pod">The pod; conditions of others in its status are kept.</param>
    /// <param name="containers">All its containers.</param>
    /// <param name="podIP">Null before it has an address.</param>
    /// <param name="hostIP">The address of its host.</param>
    /// <param name="now">The time of conditions that change.</param>
    /// <param name="isOver">Whether it was told to end and none of its containers will be started again.</param>
    public static V1PodStatus Of(V1Pod pod, IReadOnlyList<ContainerSnapshot> containers, string? podIP, string hostIP, DateTimeOffset now, bool isOver = false)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(containers);
        var before = pod.Status ?? new V1PodStatus();
        var initial = containers.Where(container => container.Kind != ContainerKind.Main).ToList();
        var phase = PodPhase.Of(pod, containers, isOver);
        var uninitialized = initial.Where(container => !PodPhase.IsInitialized(container)).Select(container => container.Status.Name).ToList();
        var completed = phase == "Succeeded";
        var containersReady = ContainersReady(containers, phase);
        var conditions = new List<V1PodCondition>
        {
            Condition("PodReadyToStartContainers", (podIP is not null && phase is not ("Succeeded" or "Failed"), null, null)),
            Condition("Initialized", uninitialized.Count == 0 || completed
                ? (true, completed ? "PodCompleted" : null, null)
                : (false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', uninitialized)}]")),
            Condition("Ready", containersReady.Holds ? Gates(pod) : containersReady),
            Condition("ContainersReady", containersReady),
        };
        var own = conditions.Select(condition => condition.Type).ToHashSet();
        conditions.AddRange((before.Conditions ?? []).Where(condition => !own.Contains(condition.Type)));
        if (!conditions.Any(condition => condition.Type == "PodScheduled"))
        {
            conditions.Add(Condition("PodScheduled", (true, null, null)));
        }

        return new V1PodStatus
        {
            Phase = phase,
            HostIP = hostIP,
            HostIPs = [new V1HostIP { Ip = hostIP }],
            PodIP = podIP,
            PodIPs = podIP is null ? null : [new V1PodIP { Ip = podIP }],
            StartTime = before.StartTime ?? now,
            QosClass = before.QosClass,
            Conditions = conditions,
            InitContainerStatuses = initial.Count == 0 ? null : [.. initial.Select(container => container.Status)],
            ContainerStatuses = [.. containers.Where(container => container.Kind == ContainerKind.Main).Select(container => container.Status)],
        };

        V1PodCondition Condition(string type, (bool Holds, string? Reason, string? Message) it)
        {
            var status = it.Holds ? "True" : "False";
            var old = before.Conditions?.FirstOrDefault(condition => condition.Type == type);
            return new V1PodCondition
            {
                Type = type,
                Status = status,
                Reason = it.Reason,
                Message = it.Message,
                LastTransitionTime = old?.Status == status ? old.LastTransitionTime ?? now : now,
            };
        }
    }

    static (bool Holds, string? Reason, string? Message) ContainersReady(IReadOnlyList<ContainerSnapshot> containers, string phase)
    {
        var unready = containers.Where(container => container.Kind != ContainerKind.Init && !container.Status.Ready).Select(container => container.Status.Name).ToList();
        return phase switch
        {
            "Succeeded" => (false, "PodCompleted", null),
            "Failed" => (false, "PodFailed", null),
            _ when unready.Count == 0 => (true, null, null),
            _ => (false, "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
        };
    }

    /// <summary>What others must say before a pod whose containers are ready is.</summary>
    static (bool Holds, string? Reason, string? Message) Gates(V1Pod pod)
    {
        var closed = new List<string>();
        foreach (var type in (pod.Spec?.ReadinessGates ?? []).Select(gate => gate.ConditionType))
        {
            var condition = pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);
            if (condition is null)
            {
                closed.Add($"corresponding condition of pod readiness gate \"{type}\" does not exist.");
            }
            else if (condition.Status != "True")
            {
                closed.Add($"the status of pod readiness gate \"{type}\" is not \"True\", but {condition.Status}");
            }
        }

        return closed.Count == 0 ? (true, null, null) : (false, "ReadinessGatesNotReady", string.Join(", ", closed));
    }
}
