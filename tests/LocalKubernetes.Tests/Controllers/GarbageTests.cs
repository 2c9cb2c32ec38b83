using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Discovery;
using Slotwise.LocalKubernetes.Controllers.Garbage;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

public sealed class GarbageTests
{
    static readonly ServedKind Kind = new(new KubernetesKind("", "v1", "ConfigMap", "configmaps", true), [], []);

    [Theory]
    [InlineData("", false, GarbageAction.Keep, "")]
    [InlineData("Solid", false, GarbageAction.Keep, "")]
    [InlineData("Gone", false, GarbageAction.Delete, "")]
    [InlineData("Gone Gone", true, GarbageAction.Delete, "")]
    [InlineData("Solid Gone", false, GarbageAction.ForgetOwners, "1")]
    [InlineData("Waiting Solid Gone", false, GarbageAction.ForgetOwners, "0 2")]
    // the owner waits for it: it has to wait for its own dependents, if it has any
    [InlineData("Waiting", false, GarbageAction.Delete, "")]
    [InlineData("Waiting Gone", true, GarbageAction.DeleteForeground, "")]
    public void What_becomes_of_an_object_depends_on_all_its_owners(string states, bool hasDependents, GarbageAction action, string forgotten)
    {
        var owners = states.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((state, i) => (Owner($"{i}"), Enum.Parse<OwnerState>(state))).ToList();
        var step = PlanGarbage.Of(new V1ObjectMeta { Name = "d" }, owners, hasDependents);
        Assert.Equal((action, forgotten), (step.Action, string.Join(' ', step.Owners)));
        Assert.Equal(GarbageAction.Keep, PlanGarbage.Of(new V1ObjectMeta { Name = "d", DeletionTimestamp = DateTimeOffset.UnixEpoch }, owners, hasDependents).Action);
    }

    [Fact]
    public void A_change_concerns_the_object_and_whoever_waits_for_it()
    {
        var graph = new GarbageGraph();
        var owner = Object("owner");
        var dependent = Object("dependent", "owner");
        Assert.Equal(["dependent"], graph.Apply(null, dependent));
        Assert.Equal(["owner"], graph.Apply(null, owner));
        Assert.Equal(["dependent"], graph.Dependents("owner").Select(obj => obj.Metadata.Uid));

        var leaving = owner with { Metadata = owner.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch, Finalizers = [GarbageGraph.Foreground] } };
        Assert.Equal(["dependent", "owner"], graph.Apply(owner, leaving).Order());
        Assert.Equal(["owner"], graph.Apply(leaving, leaving));
        Assert.Equal(["owner"], graph.Apply(dependent, null));
        Assert.Empty(graph.Dependents("owner"));
        Assert.Null(graph.Find("dependent"));
    }

    [Fact]
    public void Objects_whose_owner_goes_are_looked_at_though_it_was_never_seen()
    {
        var graph = new GarbageGraph();
        graph.Apply(null, Object("dependent", "owner"));
        Assert.Equal(["dependent"], graph.Apply(Object("owner"), null));
    }

    static AnyObject Object(string uid, params IEnumerable<string> owners) =>
        new(Kind, new V1ObjectMeta { Name = uid, NamespaceProperty = "default", Uid = uid, OwnerReferences = [.. owners.Select(Owner)] });

    static V1OwnerReference Owner(string uid) => new() { ApiVersion = "v1", Kind = "ConfigMap", Name = uid, Uid = uid };
}
