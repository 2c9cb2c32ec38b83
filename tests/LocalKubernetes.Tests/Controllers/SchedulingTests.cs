using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Hosts;
using Slotwise.LocalKubernetes.Controllers.Scheduling;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

/// <summary>Where pods go, in tables.</summary>
public sealed class SchedulingTests
{
    const string Helpless = " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    const string NoVictims = " preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";

    [Fact]
    public void A_pod_is_refused_for_the_reasons_that_the_scheduler_gives()
    {
        var host = Host("a");
        var pod = Pod("new");
        Assert.Equal(("a", ""), Choose(pod, [host]));
        Assert.Equal((null, "no nodes available to schedule pods"), Choose(pod, []));
        Assert.Equal((null, "0/1 nodes are available: 1 Insufficient memory." + NoVictims), Choose(Asking(pod, "6Gi"), [host], Bound(Asking(Pod("old"), "5Gi"), "a")));
        Assert.Equal((null, "0/1 nodes are available: 1 Insufficient memory." + Helpless), Choose(Asking(pod, "9Gi"), [host]));
        Assert.Equal(("a", ""), Choose(Asking(pod, "3Gi"), [host], Bound(Asking(Pod("old"), "5Gi"), "a")));
        Assert.Equal((null, "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector." + Helpless), Choose(With(pod, new V1PodSpec { NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" } }), [host]));
        Assert.Equal((null, "0/1 nodes are available: 1 node(s) were unschedulable." + Helpless), Choose(pod, [host with { Spec = new V1NodeSpec { Unschedulable = true } }]));
        Assert.Equal((null, "0/1 nodes are available: 1 node(s) had untolerated taint {k: v}." + Helpless), Choose(pod, [host with { Spec = new V1NodeSpec { Taints = [new V1Taint { Key = "k", Value = "v", Effect = "NoSchedule" }] } }]));
        Assert.Equal((null, "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules." + NoVictims), Choose(Apart(pod), [host], Bound(Pod("old"), "a")));
        Assert.Equal((null, "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules." + NoVictims), Choose(pod, [host], Bound(Apart(Pod("old")), "a")));
        Assert.Equal(
            (null, "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod anti-affinity rules. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod."),
            Choose(Apart(pod), [Host("a"), Host("b"), Host("c") with { Spec = new V1NodeSpec { Unschedulable = true } }], Bound(Pod("one"), "a"), Bound(Pod("two"), "b")));
    }

    [Fact]
    public void Spread_constraints_count_by_place()
    {
        V1Node[] hosts = [Host("a", "x"), Host("b", "x"), Host("c", "y")];
        var one = Bound(Pod("1"), "a");
        Assert.Equal("c", Choose(Spread(Pod("new"), 1), hosts, one).Node);
        Assert.Equal("b", Choose(Spread(Pod("new"), 2), hosts, one, Bound(Pod("2"), "c"), Bound(Pod("3"), "a")).Node);
        // of pods on the way out nobody thinks any more
        var leaving = one with { Metadata = one.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } };
        Assert.Equal("b", Choose(Spread(Pod("new"), 1), [hosts[0], hosts[1]], leaving).Node);
        // too few places count as if an empty one were among them
        Assert.Null(Choose(Spread(Pod("new"), 1, places: 3), hosts, Bound(Pod("1"), "a"), Bound(Pod("2"), "c")).Node);
        Assert.Contains("(missing required label)", Choose(Spread(Pod("new"), 1), [Host("a", null)]).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_to_which_the_pod_cannot_go_is_no_place_unless_it_says_so()
    {
        V1Node[] hosts = [Host("a", "x"), Host("b", "y")];
        var here = new Dictionary<string, string> { ["kubernetes.io/hostname"] = "a" };
        var pod = With(Spread(Pod("new"), 1), new V1PodSpec { NodeSelector = here });
        Assert.Equal("a", Choose(pod, hosts, Bound(Pod("1"), "a")).Node);
        var all = pod with { Spec = pod.Spec! with { TopologySpreadConstraints = [pod.Spec.TopologySpreadConstraints![0] with { NodeAffinityPolicy = "Ignore" }] } };
        Assert.Null(Choose(all, hosts, Bound(Pod("1"), "a")).Node);
    }

    [Fact]
    public void Pods_of_one_controller_spread_by_themselves()
    {
        V1Node[] hosts = [Host("a"), Host("b")];
        var elsewhere = Bound(Asking(Pod("other", app: "o"), "4Gi"), "b");
        Assert.Equal("a", Choose(Owned(Pod("new")), hosts, elsewhere).Node);
        Assert.Equal("b", Choose(Owned(Pod("new")), hosts, elsewhere, Bound(Owned(Pod("1")), "a")).Node);
    }

    [Theory]
    [InlineData("node.kubernetes.io/unreachable", "NoExecute", null, null)]
    [InlineData("node.kubernetes.io/unreachable", "NoExecute", 7L, 7.0)]
    [InlineData("node.kubernetes.io/unreachable", "NoSchedule", null, 0.0)]
    [InlineData("other", "NoExecute", null, 0.0)]
    public void A_pod_stays_as_long_as_it_tolerates_the_taint(string key, string effect, long? seconds, double? stays)
    {
        var host = Host("a") with { Spec = new V1NodeSpec { Taints = [new V1Taint { Key = Taints.Unreachable, Effect = "NoExecute" }] } };
        var spec = new V1PodSpec { Tolerations = [new V1Toleration { Key = key, OperatorProperty = "Exists", Effect = effect, TolerationSeconds = seconds }] };
        Assert.Equal(stays, TaintEviction.Wait(spec, host)?.TotalSeconds);
    }

    [Theory]
    [InlineData("True", true, "other:NoSchedule")]
    [InlineData("False", true, "node.kubernetes.io/not-ready:NoExecute node.kubernetes.io/not-ready:NoSchedule other:NoSchedule")]
    [InlineData("Unknown", true, "node.kubernetes.io/unreachable:NoExecute node.kubernetes.io/unreachable:NoSchedule other:NoSchedule")]
    [InlineData("Unknown", false, "node.kubernetes.io/unreachable:NoSchedule other:NoSchedule")]
    public void Taints_follow_the_conditions_and_others_stay(string ready, bool evicts, string expected)
    {
        V1Taint[] before = [new V1Taint { Key = "other", Effect = "NoSchedule" }, new V1Taint { Key = Taints.NotReady, Effect = "NoSchedule" }, new V1Taint { Key = Taints.Unreachable, Effect = "NoExecute" }];
        var host = Host("a", ready: ready) with { Spec = new V1NodeSpec { Taints = before } };
        Assert.Equal(expected, string.Join(' ', Taints.Of(host, evicts, DateTimeOffset.UnixEpoch).Select(taint => $"{taint.Key}:{taint.Effect}").Order(StringComparer.Ordinal)));
    }

    static (string? Node, string Reason) Choose(V1Pod pod, V1Node[] hosts, params V1Pod[] others) => PlanScheduling.Choose(pod, new SchedulingView(hosts, others));

    static V1Pod Pod(string name, string app = "s") => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = name, Labels = new Dictionary<string, string> { ["app"] = app } },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "main" }] },
    };

    static V1Pod With(V1Pod pod, V1PodSpec more) => pod with { Spec = pod.Spec! with { NodeSelector = more.NodeSelector } };

    static V1Pod Asking(V1Pod pod, string memory) => pod with
    {
        Spec = pod.Spec! with { Containers = [pod.Spec.Containers[0] with { Resources = new V1ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["memory"] = memory } } }] },
    };

    static V1Pod Apart(V1Pod pod)
    {
        var term = new V1PodAffinityTerm { TopologyKey = "kubernetes.io/hostname", LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "s" } } };
        return pod with { Spec = pod.Spec! with { Affinity = new V1Affinity { PodAntiAffinity = new V1PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [term] } } } };
    }

    static V1Pod Spread(V1Pod pod, int skew, int? places = null) => pod with
    {
        Spec = pod.Spec! with
        {
            TopologySpreadConstraints =
            [
                new V1TopologySpreadConstraint
                {
                    MaxSkew = skew,
                    MinDomains = places,
                    TopologyKey = "topology.kubernetes.io/zone",
                    WhenUnsatisfiable = "DoNotSchedule",
                    LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "s" } },
                },
            ],
        },
    };

    static V1Pod Owned(V1Pod pod) => pod with
    {
        Metadata = pod.Metadata with { OwnerReferences = [new V1OwnerReference { ApiVersion = "apps/v1", Kind = "StatefulSet", Name = "s", Uid = "set", Controller = true }] },
    };

    static V1Pod Bound(V1Pod pod, string host) => pod with { Spec = pod.Spec! with { NodeName = host } };

    static V1Node Host(string name, string? zone = "x", string ready = "True")
    {
        var labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name };
        if (zone is not null)
        {
            labels["topology.kubernetes.io/zone"] = zone;
        }

        return new V1Node
        {
            Metadata = new V1ObjectMeta { Name = name, Labels = labels },
            Status = new V1NodeStatus
            {
                Allocatable = new Dictionary<string, Quantity> { ["memory"] = "8Gi", ["cpu"] = "2", ["pods"] = "110" },
                Conditions = [new V1NodeCondition { Type = "Ready", Status = ready }],
            },
        };
    }
}
