using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Network.Services;

namespace Slotwise.LocalKubernetes.Tests.Network;

/// <summary>Where Services' addresses lead.</summary>
public sealed class ServiceRulesTests
{
    [Fact]
    public void Ready_endpoints_are_chosen_by_lot_and_each_port_has_its_own()
    {
        var rules = Of(Service(), ["10.1.0.2", "10.1.0.3"], []);
        Assert.Contains("meta l4proto tcp dnat ip addr . port to numgen random mod 2 map { 0 : 10.1.0.2 . 6379, 1 : 10.1.0.3 . 6379 }", rules, StringComparison.Ordinal);
        Assert.Contains("elements = { 10.96.0.5 . tcp . 80 : goto port_0 }", rules, StringComparison.Ordinal);
        Assert.Contains("elements = { 10.1.0.2 . 10.1.0.2, 10.1.0.3 . 10.1.0.3 }", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_stays_with_its_endpoint_where_the_service_says_so() =>
        Assert.Contains("dnat ip addr . port to jhash ip saddr mod 1", Of(Service("ClientIP"), ["10.1.0.2"], []), StringComparison.Ordinal);

    [Fact]
    public void Endpoints_on_their_way_out_serve_while_there_is_no_ready_one()
    {
        Assert.Contains("map { 0 : 10.1.0.9 . 6379 }", Of(Service(), [], ["10.1.0.9"]), StringComparison.Ordinal);
        Assert.Contains("map { 0 : 10.1.0.2 . 6379 }", Of(Service(), ["10.1.0.2"], ["10.1.0.9"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_without_endpoints_refuses_and_a_headless_one_has_no_rules()
    {
        var none = Of(Service(), [], []);
        Assert.Contains("elements = { 10.96.0.5 . tcp . 80 }", none, StringComparison.Ordinal);
        Assert.DoesNotContain("dnat", none, StringComparison.Ordinal);
        Assert.DoesNotContain("elements", Of(Service() with { Spec = Service().Spec! with { ClusterIP = "None" } }, ["10.1.0.2"], []), StringComparison.Ordinal);
    }

    static string Of(V1Service service, string[] ready, string[] leaving)
    {
        var slice = new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { Name = "s-1", NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "s" } },
            Ports = [new V1EndpointPort { Name = "redis", Port = 6379, Protocol = "TCP" }],
            Endpoints =
            [
                .. ready.Select(address => new V1Endpoint { Addresses = [address], Conditions = new V1EndpointConditions { Ready = true, Serving = true } }),
                .. leaving.Select(address => new V1Endpoint { Addresses = [address], Conditions = new V1EndpointConditions { Ready = false, Serving = true, Terminating = true } }),
            ],
        };
        return BuildServiceRules.Of([service], [slice]);
    }

    static V1Service Service(string? affinity = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = "s", NamespaceProperty = "default" },
        Spec = new V1ServiceSpec { ClusterIP = "10.96.0.5", SessionAffinity = affinity, Ports = [new V1ServicePort { Name = "redis", Port = 80, TargetPort = "redis", Protocol = "TCP" }] },
    };
}
