using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>What is to be done for a StatefulSet now.</summary>
/// <param name="Create">Ordinals whose pod is missing, and whether it gets the new template.</param>
/// <param name="Delete">Pods that have to go.</param>
/// <param name="EnsureClaims">Pods that may wait for a claim that is gone.</param>
/// <param name="Relabel">Pods that lost the label with their name.</param>
/// <param name="RecheckAfter">When a pod becomes available by time alone; null when none does.</param>
public sealed record SetPlan(IReadOnlyList<(int Ordinal, bool Updated)> Create, IReadOnlyList<V1Pod> Delete, IReadOnlyList<V1Pod> EnsureClaims, IReadOnlyList<V1Pod> Relabel, TimeSpan? RecheckAfter);

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
        if (set.Metadata.DeletionTimestamp is not null)
        {
            return new SetPlan([], [], [], [], null);
        }

        var ordered = set.Spec.PodManagementPolicy != "Parallel";
        var start = set.Spec.Ordinals?.Start ?? 0;
        var wanted = Enumerable.Range(start, set.Spec.Replicas ?? 1).ToList();
        var byOrdinal = new SortedDictionary<int, V1Pod>(pods.Where(pod => BuildSetPod.OrdinalOf(set, pod.Metadata.Name) is not null).ToDictionary(pod => BuildSetPod.OrdinalOf(set, pod.Metadata.Name)!.Value));
        var create = new List<(int, bool)>();
        var delete = new List<V1Pod>();
        var claims = new List<V1Pod>();
        var relabel = new List<V1Pod>();
        var recheck = byOrdinal.Values.Select(pod => TimeUntilAvailable(set, pod, now)).Where(time => time > TimeSpan.Zero).DefaultIfEmpty().Min();
        var plan = new SetPlan(create, delete, claims, relabel, recheck > TimeSpan.Zero ? recheck : null);

        foreach (var ordinal in wanted)
        {
            if (!byOrdinal.TryGetValue(ordinal, out var pod))
            {
                create.Add((ordinal, !KeepsCurrent(set, start, ordinal)));
                if (ordered)
                {
                    return plan;
                }

                continue;
            }

            if (pod.Status?.Phase is "Failed" or "Succeeded")
            {
                delete.AddRange(IsTerminating(pod) ? [] : [pod]);
                if (ordered)
                {
                    return plan;
                }

                continue;
            }

            claims.AddRange(pod.Status?.Phase == "Pending" ? [pod] : []);
            if (ordered && IsUnavailable(set, pod, now))
            {
                return plan;
            }

            relabel.AddRange(pod.Metadata.Labels?.GetValueOrDefault(BuildSetPod.NameLabel) == pod.Metadata.Name ? [] : [pod]);
        }

        var condemned = byOrdinal.Where(entry => !wanted.Contains(entry.Key)).Select(entry => entry.Value).Reverse().ToList();
        if (!ordered)
        {
            delete.AddRange(condemned.Where(pod => !IsTerminating(pod)));
        }
        else if (condemned.Count > 0)
        {
            // one at a time, the highest first, and none while another still ends; of unhealthy ones the lowest may go, for it would block for ever
            var lowestUnhealthy = condemned.FindLast(pod => IsUnavailable(set, pod, now));
            delete.AddRange(IsTerminating(condemned[0]) || (IsUnavailable(set, condemned[0], now) && condemned[0] != lowestUnhealthy) ? [] : [condemned[0]]);
            return plan;
        }

        if (set.Spec.UpdateStrategy?.Type != "OnDelete" && NextToUpdate(set, wanted, byOrdinal, updateRevision, now) is { } outdated && !delete.Contains(outdated))
        {
            delete.Add(outdated);
        }

        return plan;
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
        var wanted = set.Spec.Replicas ?? 1;
        var complete = set.Spec.UpdateStrategy?.Type != "OnDelete" && status.UpdatedReplicas == wanted && status.ReadyReplicas == wanted && status.Replicas == wanted;
        return complete ? status with { CurrentReplicas = status.UpdatedReplicas, CurrentRevision = updateRevision } : status;
    }

    public static bool IsTerminating(V1Pod pod) => pod?.Metadata.DeletionTimestamp is not null;

    public static bool IsReady(V1Pod pod) =>
        pod?.Status?.Phase == "Running" && pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    static string? RevisionOf(V1Pod pod) => pod.Metadata.Labels?.GetValueOrDefault(BuildSetPod.RevisionLabel);

    static bool IsUnavailable(StatefulSetDocument set, V1Pod pod, DateTimeOffset now) => IsTerminating(pod) || !IsAvailable(set, pod, now);

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

    /// <summary>From the highest ordinal down, one at a time, and none while one above it is not well.</summary>
    static V1Pod? NextToUpdate(StatefulSetDocument set, List<int> wanted, SortedDictionary<int, V1Pod> pods, string updateRevision, DateTimeOffset now)
    {
        // the partition counts places, whatever ordinal the set starts with
        foreach (var ordinal in wanted.Skip(set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0).Reverse())
        {
            if (!pods.TryGetValue(ordinal, out var pod))
            {
                return null;
            }

            if (RevisionOf(pod) != updateRevision && !IsTerminating(pod))
            {
                return pod;
            }

            if (IsUnavailable(set, pod, now))
            {
                return null;
            }
        }

        return null;
    }
}
