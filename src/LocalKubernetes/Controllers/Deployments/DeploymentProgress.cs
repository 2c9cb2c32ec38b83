using Slotwise.LocalKubernetes.Controllers.ReplicaSets;

namespace Slotwise.LocalKubernetes.Controllers.Deployments;

/// <summary>What a Deployment says of its rollout. Pure; the rules are those of Kubernetes' progress.go and sync.go.</summary>
public static class DeploymentProgress
{
    const string Progressing = "Progressing";

    /// <param name="rollout">The Deployment and its ReplicaSets.</param>
    /// <param name="before">Its status so far, with what was noted in this pass.</param>
    /// <param name="now">When it is said.</param>
    public static DeploymentDocumentStatus StatusOf(Rollout rollout, DeploymentDocumentStatus before, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentNullException.ThrowIfNull(before);
        var sets = rollout.All.ToList();
        var available = sets.Sum(Rollout.AvailableOf);
        var status = before with
        {
            ObservedGeneration = rollout.Deployment.Metadata.Generation,
            Replicas = sets.Sum(set => set.Status?.Replicas ?? 0),
            UpdatedReplicas = rollout.New?.Status?.Replicas ?? 0,
            ReadyReplicas = sets.Sum(set => set.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, sets.Sum(Rollout.SizeOf) - available),
        };
        status = available >= rollout.Wanted - rollout.MaxUnavailable
            ? With(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : With(status, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
        return status;
    }

    /// <summary>The same, with what it says of progress: made, finished, or overdue.</summary>
    public static DeploymentDocumentStatus WithProgress(Rollout rollout, DeploymentDocumentStatus before, DeploymentDocumentStatus status, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(status);
        var failure = rollout.All.Reverse().SelectMany(set => set.Status?.Conditions ?? []).FirstOrDefault(condition => condition.Type == PlanReplicas.ReplicaFailure);
        status = failure is null
            ? Without(status, PlanReplicas.ReplicaFailure)
            : With(status, failure.Type, failure.Status, failure.Reason ?? "", failure.Message ?? "", now);
        if (rollout.Deployment.Spec.ProgressDeadlineSeconds is not { } deadline || deadline == int.MaxValue)
        {
            return Without(status, Progressing);
        }

        var said = ConditionOf(before, Progressing);
        if (status.Replicas == status.UpdatedReplicas && said?.Reason == "NewReplicaSetAvailable")
        {
            return status;
        }

        var subject = rollout.New is { } fresh ? $"ReplicaSet \"{fresh.Metadata.Name}\"" : $"Deployment \"{rollout.Deployment.Metadata.Name}\"";
        if (IsComplete(rollout, status))
        {
            return With(status, Progressing, "True", "NewReplicaSetAvailable", $"{subject} has successfully progressed.", now);
        }

        if (HasProgressed(before, status))
        {
            // said anew each time, for the deadline counts from then
            var condition = With(Without(status, Progressing), Progressing, "True", "ReplicaSetUpdated", $"{subject} is progressing.", now);
            return said?.Status == "True" ? Replace(condition, ConditionOf(condition, Progressing)! with { LastTransitionTime = said.LastTransitionTime }) : condition;
        }

        return said is not null && said.Reason != "ProgressDeadlineExceeded" && said.LastUpdateTime + TimeSpan.FromSeconds(deadline) < now
            ? With(status, Progressing, "False", "ProgressDeadlineExceeded", $"{subject} has timed out progressing.", now)
            : status;
    }

    /// <summary>How long until the deadline must be looked at; null when there is nothing to wait for.</summary>
    public static TimeSpan? TimeUntilDeadline(Rollout rollout, DeploymentDocumentStatus status, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentNullException.ThrowIfNull(status);
        var said = ConditionOf(status, Progressing);
        if (rollout.Deployment.Spec.ProgressDeadlineSeconds is not { } deadline || said is null || said.Reason is "ProgressDeadlineExceeded" or "NewReplicaSetAvailable" || IsComplete(rollout, status))
        {
            return null;
        }

        var left = (said.LastUpdateTime ?? now) + TimeSpan.FromSeconds((double)deadline + 1) - now;
        return left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
    }

    public static bool IsComplete(Rollout rollout, DeploymentDocumentStatus status)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentNullException.ThrowIfNull(status);
        return status.UpdatedReplicas == rollout.Wanted && status.Replicas == rollout.Wanted && status.AvailableReplicas == rollout.Wanted
            && status.ObservedGeneration >= rollout.Deployment.Metadata.Generation;
    }

    public static DeploymentCondition? ConditionOf(DeploymentDocumentStatus status, string type) => status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Says something; what is said already, in the same words for programs, keeps its times.</summary>
    public static DeploymentDocumentStatus With(DeploymentDocumentStatus status, string type, string holds, string reason, string message, DateTimeOffset now)
    {
        var said = ConditionOf(status, type);
        return said?.Status == holds && said.Reason == reason ? status : Replace(status, new DeploymentCondition
        {
            Type = type,
            Status = holds,
            Reason = reason,
            Message = message,
            LastUpdateTime = now,
            LastTransitionTime = said?.Status == holds ? said.LastTransitionTime : now,
        });
    }

    static DeploymentDocumentStatus Replace(DeploymentDocumentStatus status, DeploymentCondition condition) =>
        status with { Conditions = [.. (status.Conditions ?? []).Where(one => one.Type != condition.Type), condition] };

    static DeploymentDocumentStatus Without(DeploymentDocumentStatus status, string type) =>
        status with { Conditions = [.. (status.Conditions ?? []).Where(one => one.Type != type)] };

    static bool HasProgressed(DeploymentDocumentStatus before, DeploymentDocumentStatus now) =>
        (now.UpdatedReplicas ?? 0) > (before.UpdatedReplicas ?? 0)
        || (now.Replicas ?? 0) - (now.UpdatedReplicas ?? 0) < (before.Replicas ?? 0) - (before.UpdatedReplicas ?? 0)
        || (now.ReadyReplicas ?? 0) > (before.ReadyReplicas ?? 0)
        || (now.AvailableReplicas ?? 0) > (before.AvailableReplicas ?? 0);
}
