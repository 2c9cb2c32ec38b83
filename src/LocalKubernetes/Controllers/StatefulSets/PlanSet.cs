using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>What is to be done for a StatefulSet now.</summary>
/// <param name="Create">Ordinals whose pod is missing, and whether it gets the new template.</param>
/// <param name="Delete">Pods that have to go.</param>
/// <param name="RecheckAfter">When a pod becomes available by time alone; null when none does.</param>
public sealed record SetPlan(IReadOnlyList<(int Ordinal, bool Updated)> Create, IReadOnlyList<V1Pod> Delete, TimeSpan? RecheckAfter);

/// <summary>Decides which pods of a StatefulSet to create and to delete. Pure; the rules are those of Kubernetes' stateful_set_control.go.</summary>
public static class PlanSet
{
    /// <param name="set">The set.</param>
    /// <param name="pods">Its own pods.</param>
    /// <param name="currentRevision">The revision that the set comes from.</param>
    /// <param name="updateRevision">The revision of its present template.</param>
    /// <param name="now">Decides what has been ready long enough.</param>
    public static SetPlan Of(StatefulSetDocument set, IReadOnlyList<V1Pod> pods, string currentRevision, string updateRevision, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(pods);
        var nothing = new SetPlan([], [], null);
        if (set.Metadata.DeletionTimestamp is not null)
        {
            return nothing;
        }

        var ordered = set.Spec.PodManagementPolicy != "Parallel";
        var start = set.Spec.Ordinals?.Start ?? 0;
        var wanted = Enumerable.Range(start, set.Spec.Replicas ?? 1).ToList();
        var byOrdinal = pods.Select(pod => (Pod: pod, Ordinal: BuildSetPod.OrdinalOf(set, pod.Metadata.Name)))
            .Where(entry => entry.Ordinal is not null)
            .ToDictionary(entry => entry.Ordinal!.Value, entry => entry.Pod);
        var recheck = byOrdinal.Values.Select(pod => TimeUntilAvailable(set, pod, now)).Where(time => time > TimeSpan.Zero).DefaultIfEmpty().Min();
        var again = recheck > TimeSpan.Zero ? recheck : (TimeSpan?)null;
        var create = new List<(int, bool)>();
        var delete = new List<V1Pod>();

        foreach (var ordinal in wanted)
        {
            if (!byOrdinal.TryGetValue(ordinal, out var pod))
            {
                create.Add((ordinal, !KeepsCurrent(set, start, ordinal)));
            }
            else if (pod.Status?.Phase is "Failed" or "Succeeded" && !IsTerminating(pod))
            {
                delete.Add(pod);
            }
            else if (!ordered || (!IsTerminating(pod) && IsAvailable(set, pod, now)))
            {
                continue;
            }

            if (ordered)
            {
                return new SetPlan(create, delete, again);
            }
        }

        var condemned = byOrdinal.Where(entry => !wanted.Contains(entry.Key)).OrderByDescending(entry => entry.Key).Select(entry => entry.Value).ToList();
        if (ordered && condemned.Count > 0)
        {
            // one at a time, and none while another still ends; an unhealthy one may go, for it would block for ever
            return condemned.Any(IsTerminating) ? nothing with { RecheckAfter = again } : new SetPlan(create, [condemned[0]], again);
        }

        delete.AddRange(condemned.Where(pod => !IsTerminating(pod)));
        if (create.Count == 0 && delete.Count == 0 && set.Spec.UpdateStrategy?.Type != "OnDelete" && NextToUpdate(set, wanted, byOrdinal, updateRevision, now) is { } outdated)
        {
            delete.Add(outdated);
        }

        return new SetPlan(create, delete, again);
    }

    /// <summary>The set's status as its pods make it.</summary>
    public static V1StatefulSetStatus StatusOf(StatefulSetDocument set, IReadOnlyList<V1Pod> pods, string currentRevision, string updateRevision, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(pods);
        var living = pods.Where(pod => !IsTerminating(pod)).ToList();
        var status = new V1StatefulSetStatus
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = pods.Count,
            ReadyReplicas = pods.Count(IsReady),
            AvailableReplicas = pods.Count(pod => IsAvailable(set, pod, now)),
            CurrentReplicas = living.Count(pod => RevisionOf(pod) == currentRevision),
            UpdatedReplicas = living.Count(pod => RevisionOf(pod) == updateRevision),
            CurrentRevision = currentRevision,
            UpdateRevision = updateRevision,
            CollisionCount = set.Status?.CollisionCount ?? 0,
        };
        var complete = set.Spec.UpdateStrategy?.Type != "OnDelete" && status.UpdatedReplicas == status.Replicas && status.ReadyReplicas == status.Replicas && status.Replicas == (set.Spec.Replicas ?? 1);
        return complete ? status with { CurrentReplicas = status.UpdatedReplicas, CurrentRevision = updateRevision } : status;
    }

    public static bool IsTerminating(V1Pod pod) => pod?.Metadata.DeletionTimestamp is not null;

    public static bool IsReady(V1Pod pod) =>
        pod?.Status?.Phase == "Running" && pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    static string? RevisionOf(V1Pod pod) => pod.Metadata.Labels?.GetValueOrDefault(BuildSetPod.RevisionLabel);

    static bool IsAvailable(StatefulSetDocument set, V1Pod pod, DateTimeOffset now) => IsReady(pod) && TimeUntilAvailable(set, pod, now) <= TimeSpan.Zero;

    /// <summary>How much longer a ready pod has to stay so.</summary>
    static TimeSpan TimeUntilAvailable(StatefulSetDocument set, V1Pod pod, DateTimeOffset now)
    {
        if (!IsReady(pod) || set.Spec.MinReadySeconds is not > 0)
        {
            return TimeSpan.Zero;
        }

        var since = pod.Status!.Conditions!.First(condition => condition.Type == "Ready").LastTransitionTime ?? now;
        return since + TimeSpan.FromSeconds(set.Spec.MinReadySeconds.Value) - now;
    }

    /// <summary>Whether a missing pod comes back with the template that it had: during a rolling update those whose turn has not come.</summary>
    static bool KeepsCurrent(StatefulSetDocument set, int start, int ordinal)
    {
        if (set.Spec.UpdateStrategy?.Type == "OnDelete")
        {
            return false;
        }

        return set.Spec.UpdateStrategy?.RollingUpdate is { } rolling
            ? ordinal < start + (rolling.Partition ?? 0)
            : ordinal < start + (set.Status?.CurrentReplicas ?? 0);
    }

    /// <summary>From the highest ordinal down, one at a time, and none while another is not well.</summary>
    static V1Pod? NextToUpdate(StatefulSetDocument set, List<int> wanted, Dictionary<int, V1Pod> pods, string updateRevision, DateTimeOffset now)
    {
        var partition = set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0;
        foreach (var ordinal in wanted.Where(ordinal => ordinal >= partition).Reverse())
        {
            var pod = pods[ordinal];
            if (RevisionOf(pod) != updateRevision && !IsTerminating(pod))
            {
                return pod;
            }

            if (IsTerminating(pod) || !IsAvailable(set, pod, now))
            {
                return null;
            }
        }

        return null;
    }
}
