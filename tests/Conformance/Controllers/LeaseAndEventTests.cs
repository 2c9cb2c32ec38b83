using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>What the operator itself writes beside its children: its lease, and events.</summary>
public sealed class LeaseAndEventTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: leader election")]
    public async Task A_lease_keeps_microseconds_and_is_renewed_only_by_who_saw_it_last()
    {
        var path = Group("coordination.k8s.io/v1", "leases/leader");
        var lease = JsonNode.Parse("""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"leader"},"spec":{"holderIdentity":"a","leaseDurationSeconds":15,"acquireTime":"2026-01-02T03:04:05.123456Z","renewTime":"2026-01-02T03:04:05.000000Z","leaseTransitions":0}}""")!;
        var held = (await Api.PostAsync(Group("coordination.k8s.io/v1", "leases"), lease)).Expect(201);
        Assert.Equal(("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.000000Z"), ((string?)held["spec"]!["acquireTime"], (string?)held["spec"]!["renewTime"]));
        var renewed = held.DeepClone();
        renewed["spec"]!["renewTime"] = "2026-01-02T03:04:07.000001Z";
        (await Api.PutAsync(path, renewed)).Expect(200);
        held["spec"]!["holderIdentity"] = "b";
        var late = (await Api.PutAsync(path, held)).ExpectRefusal(409, "Conflict");
        Assert.Equal("Operation cannot be fulfilled on leases.coordination.k8s.io \"leader\": the object has been modified; please apply your changes to the latest version and try again", late.Message);
        var now = (await Api.GetAsync(path)).Expect(200)["spec"]!;
        Assert.Equal(("a", "2026-01-02T03:04:07.000001Z"), ((string?)now["holderIdentity"], (string?)now["renewTime"]));
    }

    [Case("operator: it writes events.k8s.io, and kubectl before 1.34 reads the older API")]
    public async Task An_event_is_the_same_in_both_APIs()
    {
        var event1 = JsonNode.Parse("""
            {"metadata":{"name":"scaled"},"eventTime":"2026-01-02T03:04:05.678901Z","reportingController":"slotwise.dev/operator","reportingInstance":"slotwise-0","action":"Scale","reason":"Scaled","type":"Normal","note":"from 3 to 5 shards"}
            """)!;
        event1["regarding"] = new JsonObject { ["kind"] = "ConfigMap", ["apiVersion"] = "v1", ["namespace"] = Namespace, ["name"] = "orders" };
        (await Api.PostAsync(Group("events.k8s.io/v1", "events"), event1)).Expect(201);
        var older = (await Api.GetAsync(Core("events/scaled"))).Expect(200);
        Assert.Equal(("orders", "from 3 to 5 shards", "slotwise.dev/operator", "slotwise-0"), ((string?)older["involvedObject"]!["name"], (string?)older["message"], (string?)older["reportingComponent"], (string?)older["reportingInstance"]));
        Assert.Equal("2026-01-02T03:04:05.678901Z", (string?)older["eventTime"]);

        (await Api.PatchAsync(Group("events.k8s.io/v1", "events/scaled"), PatchType.Merge, JsonNode.Parse("""{"series":{"count":2,"lastObservedTime":"2026-01-02T03:05:05.000000Z"}}""")!)).Expect(200);
        Assert.Equal(2, (int?)(await Api.GetAsync(Core("events/scaled"))).Expect(200)["series"]!["count"]);
        var said = await Cluster.KubectlAsync("get", "events", "-n", Namespace, "--field-selector", "involvedObject.name=orders,reason=Scaled");
        Assert.Contains("configmap/orders", said, StringComparison.Ordinal);
        Assert.Contains("from 3 to 5 shards", said, StringComparison.Ordinal);
    }
}
