using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Deployments;
using Slotwise.LocalKubernetes.Controllers.ReplicaSets;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

/// <summary>ReplicaSets are written as size/available, the oldest first and the one of the present template last.</summary>
public sealed class PlanRolloutTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    // more of the new as far as surge goes, then fewer of the old as far as availability goes
    [InlineData(4, "1", "0", "4/4 0/0", "1:1")]
    [InlineData(4, "1", "0", "4/4 1/0", "")]
    [InlineData(4, "1", "0", "4/4 1/1", "0:3")]
    [InlineData(4, "0", "1", "4/4 0/0", "0:3")]
    [InlineData(4, "0", "1", "3/3 0/0", "1:1")]
    [InlineData(4, "25%", "25%", "4/4 0/0", "1:1")]
    [InlineData(4, "25%", "25%", "4/4 1/0", "0:3")]
    // old pods that serve nobody go first, and hold nothing up
    [InlineData(3, "1", "0", "3/0 1/0", "")]
    [InlineData(3, "1", "1", "3/1 1/1", "0:1")]
    [InlineData(2, "0", "1", "1/0 1/1 1/0", "0:0")]
    // smaller than before
    [InlineData(2, "1", "0", "0/0 3/3", "1:2")]
    [InlineData(2, "1", "0", "0/0 2/2", "")]
    public void A_rolling_update_goes_as_far_as_surge_and_availability_allow(int wanted, string surge, string unavailable, string sets, string expected) =>
        Assert.Equal(expected, Show(Rollout(wanted, sets, surge, unavailable), PlanRollout.Roll));

    [Theory]
    [InlineData("2/2 0/0", false, "0:0")]
    [InlineData("0/0 0/0", true, "")]
    [InlineData("0/0 0/0", false, "1:3")]
    [InlineData("0/0 3/0", false, "")]
    public void Recreate_ends_the_old_before_it_begins_the_new(string sets, bool oldPodsRun, string expected) =>
        Assert.Equal(expected, Show(Rollout(3, sets, null, null), rollout => PlanRollout.Recreate(rollout, oldPodsRun)));

    [Theory]
    // one ReplicaSet takes all; several share in proportion to their sizes
    [InlineData(5, "0/0 3/3", "1:5")]
    [InlineData(0, "0/0 3/3", "1:0")]
    [InlineData(20, "8/8 4/4", "0:14 1:7")]
    [InlineData(5, "8/8 4/4", "0:4 1:2")]
    public void A_scaled_deployment_keeps_its_mixture(int wanted, string sets, string expected) =>
        Assert.Equal(expected, Show(Rollout(wanted, sets, "1", "0", sized: 11), PlanRollout.Scale));

    [Fact]
    public void It_counts_as_scaled_while_a_ReplicaSet_was_sized_for_another_number()
    {
        Assert.True(PlanRollout.IsScaled(Rollout(5, "0/0 3/3", "1", "0", sized: 3)));
        Assert.False(PlanRollout.IsScaled(Rollout(3, "0/0 3/3", "1", "0", sized: 3)));
        Assert.False(PlanRollout.IsScaled(Rollout(5, "0/0 0/0", "1", "0", sized: 3)));
    }

    [Fact]
    public void Progress_is_told_finished_and_overdue()
    {
        var rollout = Rollout(1, "0/0 1/0", "1", "0");
        var begun = Say(rollout, DeploymentProgress.With(new DeploymentDocumentStatus(), "Progressing", "True", "NewReplicaSetCreated", "", Start), Start);
        Assert.Equal("ReplicaSetUpdated", DeploymentProgress.ConditionOf(begun, "Progressing")!.Reason);
        Assert.Equal("MinimumReplicasUnavailable", DeploymentProgress.ConditionOf(begun, "Available")!.Reason);
        Assert.Equal(TimeSpan.FromSeconds(601), DeploymentProgress.TimeUntilDeadline(rollout, begun, Start));

        var late = Say(rollout, begun, Start.AddSeconds(601));
        Assert.Equal(("False", "ProgressDeadlineExceeded"), (DeploymentProgress.ConditionOf(late, "Progressing")!.Status, DeploymentProgress.ConditionOf(late, "Progressing")!.Reason));
        var done = Say(Rollout(1, "0/0 1/1", "1", "0"), late, Start.AddSeconds(700));
        Assert.Equal("NewReplicaSetAvailable", DeploymentProgress.ConditionOf(done, "Progressing")!.Reason);
        Assert.Null(DeploymentProgress.TimeUntilDeadline(rollout, done, Start));
        // what is said already keeps its times, so that a quiet Deployment is not written again
        Assert.Equal(done, Say(Rollout(1, "0/0 1/1", "1", "0"), done, Start.AddSeconds(800)) with { Conditions = done.Conditions });

        static DeploymentDocumentStatus Say(Rollout rollout, DeploymentDocumentStatus before, DateTimeOffset now) =>
            DeploymentProgress.WithProgress(rollout, before, DeploymentProgress.StatusOf(rollout, before, now), now);
    }

    static string Show(Rollout rollout, Func<Rollout, IReadOnlyList<(ReplicaSetDocument Set, int Size)>> plan) =>
        string.Join(' ', plan(rollout).Select(step => $"{step.Set.Metadata.Name}:{step.Size}").Order());

    static Rollout Rollout(int wanted, string sets, string? surge, string? unavailable, int? sized = null)
    {
        var all = sets.Split(' ').Select((set, i) => Set($"{i}", int.Parse(set.Split('/')[0]), int.Parse(set.Split('/')[1]), sized)).ToList();
        var deployment = new DeploymentDocument
        {
            Metadata = new V1ObjectMeta { Name = "web", Generation = 1 },
            Spec = new DeploymentDocumentSpec
            {
                Replicas = wanted,
                ProgressDeadlineSeconds = 600,
                Strategy = surge is null
                    ? new DeploymentStrategy { Type = "Recreate" }
                    : new DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDeployment { MaxSurge = Value(surge), MaxUnavailable = Value(unavailable!) } },
            },
        };
        return new Rollout(deployment, all[^1], all[..^1]);
    }

    static ReplicaSetDocument Set(string name, int size, int available, int? sized) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            CreationTimestamp = Start.AddMinutes(int.Parse(name)),
            Annotations = sized is null ? null : new Dictionary<string, string> { ["deployment.kubernetes.io/desired-replicas"] = $"{sized}", ["deployment.kubernetes.io/max-replicas"] = $"{sized + 1}" },
        },
        Spec = new ReplicaSetDocumentSpec { Replicas = size },
        Status = new ReplicaSetDocumentStatus { Replicas = size, AvailableReplicas = available, ReadyReplicas = available },
    };

    static IntOrString Value(string text) => int.TryParse(text, out var number) ? new IntOrString(number) : new IntOrString(text);
}
