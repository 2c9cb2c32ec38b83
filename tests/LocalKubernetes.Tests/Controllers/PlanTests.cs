using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Budgets;
using Slotwise.LocalKubernetes.Controllers.Endpoints;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

/// <summary>What the smaller controllers decide.</summary>
public sealed class PlanTests
{
    [Theory]
    [InlineData(false, "a:True,True,False b:False,False,False c:False,True,True")]
    [InlineData(true, "a:True,True,False b:True,False,False c:True,True,True")]
    public void Endpoints_say_who_is_ready_who_serves_and_who_leaves(bool publishNotReady, string expected)
    {
        var service = Service() with { };
        service = service with { Spec = service.Spec! with { PublishNotReadyAddresses = publishNotReady } };
        var pods = new[] { Pod("a", ready: true), Pod("b", ready: false), Pod("c", ready: true, terminating: true), Pod("other", ready: true, app: "x"), Pod("noaddress", ready: false) with { Status = null } };
        var slice = Assert.Single(BuildEndpointSlices.Of(service, pods));
        Assert.Equal(expected, string.Join(' ', slice.Endpoints!.Select(endpoint => $"{endpoint.TargetRef!.Name}:{endpoint.Conditions!.Ready},{endpoint.Conditions.Serving},{endpoint.Conditions.Terminating}")));
        Assert.Equal("a", slice.Endpoints![0].Hostname);
        Assert.Equal(6379, Assert.Single(slice.Ports!).Port);
        Assert.Contains("service.kubernetes.io/headless", slice.Metadata.Labels!.Keys);
    }

    [Fact]
    public void A_service_of_many_pods_has_slices_of_a_hundred()
    {
        var slices = BuildEndpointSlices.Of(Service(), [.. Enumerable.Range(0, 250).Select(i => Pod($"p{i:000}", ready: true))]);
        Assert.Equal([100, 100, 50], slices.Select(slice => slice.Endpoints!.Count));
        Assert.Equal(3, slices.Select(slice => slice.Metadata.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("1", null, 2, 2, 1)]
    [InlineData("1", null, 1, 2, 0)]
    [InlineData("50%", null, 3, 3, 2)]
    [InlineData(null, "2", 3, 3, 1)]
    [InlineData(null, "50%", 3, 3, 1)]
    [InlineData("1", null, 0, 0, 0)]
    public void A_budget_allows_what_is_healthy_beyond_what_must_be(string? mostUnavailable, string? leastAvailable, int healthy, int wanted, int allowed)
    {
        var budget = new V1PodDisruptionBudget { Spec = new V1PodDisruptionBudgetSpec { MaxUnavailable = Value(mostUnavailable), MinAvailable = Value(leastAvailable) } };
        var pods = Enumerable.Range(0, wanted).Select(i => Pod($"p{i}", ready: i < healthy)).ToList();
        Assert.Equal(allowed, PlanBudget.StatusOf(budget, pods, wanted, DateTimeOffset.UnixEpoch).DisruptionsAllowed);
    }

    static IntOrString? Value(string? text) => text is null ? (IntOrString?)null : int.TryParse(text, out var number) ? new IntOrString(number) : new IntOrString(text);

    static V1Service Service() => new()
    {
        Metadata = new V1ObjectMeta { Name = "s", NamespaceProperty = "default", Uid = "svc" },
        Spec = new V1ServiceSpec { ClusterIP = "None", Selector = new Dictionary<string, string> { ["app"] = "s" }, Ports = [new V1ServicePort { Port = 1, TargetPort = "redis" }] },
    };

    static V1Pod Pod(string name, bool ready, bool terminating = false, string app = "s") => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = "default",
            Uid = name,
            Labels = new Dictionary<string, string> { ["app"] = app },
            DeletionTimestamp = terminating ? DateTimeOffset.UnixEpoch : null,
        },
        Spec = new V1PodSpec { Hostname = name, Subdomain = "s", Containers = [new V1Container { Name = "main", Ports = [new V1ContainerPort { Name = "redis", ContainerPort = 6379 }] }] },
        Status = new V1PodStatus { Phase = "Running", PodIP = "10.128.0.2", Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }] },
    };
}
