using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

/// <summary>
/// Pods are written as one letter each, by ordinal: r ready, R ready with the new template, n not ready, N not ready with the
/// new template, t terminating, f failed, - missing.
/// </summary>
public sealed class PlanSetTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    // all at once
    [InlineData("Parallel", "OnDelete", 3, "---", "0 1 2", "")]
    [InlineData("Parallel", "OnDelete", 3, "n-t", "1", "")]
    [InlineData("Parallel", "OnDelete", 1, "rnr", "", "2 1")]
    [InlineData("Parallel", "OnDelete", 1, "rtr", "", "2")]
    [InlineData("Parallel", "OnDelete", 2, "fr", "", "0")]
    [InlineData("Parallel", "OnDelete", 2, "rr", "", "")]
    [InlineData("Parallel", "OnDelete", 0, "rr", "", "1 0")]
    // one after the other
    [InlineData("OrderedReady", "OnDelete", 3, "---", "0", "")]
    [InlineData("OrderedReady", "OnDelete", 3, "n--", "", "")]
    [InlineData("OrderedReady", "OnDelete", 3, "r--", "1", "")]
    [InlineData("OrderedReady", "OnDelete", 3, "t--", "", "")]
    [InlineData("OrderedReady", "OnDelete", 1, "rrr", "", "2")]
    [InlineData("OrderedReady", "OnDelete", 1, "rrt", "", "")]
    [InlineData("OrderedReady", "OnDelete", 1, "nrr", "", "")]
    [InlineData("OrderedReady", "OnDelete", 1, "rrn", "", "2")]
    // the new template: from the highest down, only while all others are well
    [InlineData("Parallel", "RollingUpdate", 3, "rrr", "", "2")]
    [InlineData("Parallel", "RollingUpdate", 3, "rrR", "", "1")]
    [InlineData("Parallel", "RollingUpdate", 3, "rrN", "", "")]
    [InlineData("Parallel", "RollingUpdate", 3, "rrt", "", "")]
    [InlineData("Parallel", "RollingUpdate", 3, "RRR", "", "")]
    [InlineData("OrderedReady", "RollingUpdate", 3, "rRR", "", "0")]
    public void Pods_are_created_and_deleted_by_policy(string management, string update, int replicas, string pods, string create, string delete)
    {
        var set = Set(management, update, replicas);
        var plan = PlanSet.Of(set, Pods(pods), "old", "new", Now);
        Assert.Equal(create, string.Join(' ', plan.Create.Select(entry => entry.Ordinal)));
        Assert.Equal(delete, string.Join(' ', plan.Delete.Select(pod => BuildSetPod.OrdinalOf(set, pod.Metadata.Name))));
    }

    [Fact]
    public void Below_the_partition_pods_keep_the_old_template()
    {
        var set = Set("Parallel", "RollingUpdate", 3);
        set = set with { Spec = set.Spec with { UpdateStrategy = new StatefulSetStrategy { Type = "RollingUpdate", RollingUpdate = new StatefulSetRollingUpdate { Partition = 2 } } } };
        Assert.Equal([(1, false)], PlanSet.Of(set, Pods("r-R"), "old", "new", Now).Create);
        Assert.Equal([(2, true)], PlanSet.Of(set, Pods("rr-"), "old", "new", Now).Create);
        Assert.Empty(PlanSet.Of(set, Pods("rrR"), "old", "new", Now).Delete);
    }

    [Fact]
    public void A_set_that_is_being_deleted_is_left_to_garbage_collection()
    {
        var set = Set("Parallel", "OnDelete", 3);
        var plan = PlanSet.Of(set with { Metadata = set.Metadata with { DeletionTimestamp = Now } }, Pods("r--"), "old", "new", Now);
        Assert.Empty(plan.Create);
        Assert.Empty(plan.Delete);
    }

    [Fact]
    public void A_pod_is_available_after_its_time_and_the_set_looks_again_then()
    {
        var set = Set("OrderedReady", "OnDelete", 2);
        set = set with { Spec = set.Spec with { MinReadySeconds = 10 } };
        var plan = PlanSet.Of(set, Pods("r-"), "old", "new", Now.AddSeconds(4));
        Assert.Empty(plan.Create);
        Assert.Equal(TimeSpan.FromSeconds(6), plan.RecheckAfter);
        Assert.Equal([(1, true)], PlanSet.Of(set, Pods("r-"), "old", "new", Now.AddSeconds(10)).Create);
    }

    [Fact]
    public void Status_counts_and_a_finished_roll_makes_the_new_revision_the_current_one()
    {
        var rolling = PlanSet.StatusOf(Set("Parallel", "RollingUpdate", 4), Pods("rnRt"), "old", "new", Now);
        Assert.Equal((4, 2, 2, 2, 1, "old", "new"), (rolling.Replicas, rolling.ReadyReplicas, rolling.AvailableReplicas, rolling.CurrentReplicas, rolling.UpdatedReplicas, rolling.CurrentRevision, rolling.UpdateRevision));
        var done = PlanSet.StatusOf(Set("Parallel", "RollingUpdate", 2), Pods("RR"), "old", "new", Now);
        Assert.Equal((2, "new"), (done.CurrentReplicas, done.CurrentRevision));
    }

    [Fact]
    public void A_pod_is_its_template_with_a_name_of_its_own_and_unknown_fields_kept()
    {
        var set = Set("Parallel", "OnDelete", 3) with { };
        var template = JsonNode.Parse("""{"metadata":{"labels":{"app":"s"},"annotations":{"a":"b"}},"spec":{"dnsPolicy":"None","volumes":[{"name":"data","emptyDir":{}},{"name":"tmp","emptyDir":{}}],"containers":[]}}""")!.AsObject();
        var claim = JsonNode.Parse("""{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"]}}""")!.AsObject();
        set = set with { Spec = set.Spec with { Template = template, VolumeClaimTemplates = [claim], ServiceName = "svc" } };
        var pod = BuildSetPod.Pod(set, 2, "s-rev");
        Assert.Equal("""{"app":"s","apps.kubernetes.io/pod-index":"2","controller-revision-hash":"s-rev","statefulset.kubernetes.io/pod-name":"s-2"}""", System.Text.Json.JsonSerializer.Serialize(pod.Metadata.Labels));
        Assert.Equal(
            """{"dnsPolicy":"None","volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data-s-2"}},{"name":"tmp","emptyDir":{}}],"containers":[],"hostname":"s-2","subdomain":"svc"}""",
            pod.Spec.ToJsonString());
        var made = Assert.Single(BuildSetPod.Claims(set, 2));
        Assert.Equal("data-s-2", made.Metadata.Name);
        Assert.Null(made.Metadata.OwnerReferences);
    }

    [Theory]
    [InlineData("s-0", 0)]
    [InlineData("s-12", 12)]
    [InlineData("s-01", null)]
    [InlineData("s-x", null)]
    [InlineData("ss-1", null)]
    [InlineData("s-1-2", null)]
    public void Ordinals_are_read_from_names(string name, int? ordinal) => Assert.Equal(ordinal, BuildSetPod.OrdinalOf(Set("Parallel", "OnDelete", 1), name));

    static StatefulSetDocument Set(string management, string update, int replicas) => new()
    {
        Metadata = new V1ObjectMeta { Name = "s", NamespaceProperty = "default", Uid = "set" },
        Spec = new StatefulSetDocumentSpec
        {
            Replicas = replicas,
            PodManagementPolicy = management,
            UpdateStrategy = new StatefulSetStrategy { Type = update, RollingUpdate = update == "RollingUpdate" ? new StatefulSetRollingUpdate { Partition = 0 } : null },
        },
    };

    static List<V1Pod> Pods(string states) => [.. states.Select((state, ordinal) => (state, ordinal)).Where(pod => pod.state != '-').Select(pod => new V1Pod
    {
        Metadata = new V1ObjectMeta
        {
            Name = $"s-{pod.ordinal}",
            Uid = $"{pod.ordinal}",
            DeletionTimestamp = pod.state == 't' ? Now : null,
            Labels = new Dictionary<string, string> { [BuildSetPod.RevisionLabel] = char.IsUpper(pod.state) ? "new" : "old" },
        },
        Status = new V1PodStatus
        {
            Phase = pod.state == 'f' ? "Failed" : "Running",
            Conditions = [new V1PodCondition { Type = "Ready", Status = pod.state is 'r' or 'R' ? "True" : "False", LastTransitionTime = Now }],
        },
    })];
}
