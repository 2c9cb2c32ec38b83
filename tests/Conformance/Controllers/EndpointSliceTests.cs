using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>Which addresses stand behind a Service.</summary>
public sealed class EndpointSliceTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: clients find ready pods by the Service", NeedsPods = true)]
    public async Task Endpoints_say_which_pods_are_ready_and_where_they_are()
    {
        await PodAsync("ready", "sleep infinity", ready: true);
        await PodAsync("other", "sleep infinity", ready: false);
        await ServiceAsync("web", """{"clusterIP":"None","ports":[{"name":"redis","port":6379,"targetPort":"redis"}]}""");
        var slice = Assert.Single(await SlicesAsync("web", endpoints => endpoints.Count == 2 && IsTrue(endpoints[1], "ready")));
        Assert.Equal(("IPv4", "endpointslice-controller.k8s.io"), ((string?)slice["addressType"], LabelOf(slice, "endpointslice.kubernetes.io/managed-by")));
        Assert.NotNull(slice["metadata"]!["labels"]!["service.kubernetes.io/headless"]);
        var port = Assert.Single(slice["ports"]!.AsArray())!;
        Assert.Equal(("redis", 7000, "TCP"), ((string?)port["name"], (int?)port["port"], (string?)port["protocol"]));
        var service = (await Api.GetAsync(Core("services/web"))).Expect(200);
        Assert.Equal([UidOf(service)], OwnersOf(slice));

        var byName = slice["endpoints"]!.AsArray().ToDictionary(endpoint => (string)endpoint!["targetRef"]!["name"]!, endpoint => endpoint!.AsObject());
        var pod = (await Api.GetAsync(Core("pods/ready"))).Expect(200);
        var ready = byName["ready"];
        Assert.Equal((string?)pod["status"]!["podIP"], (string?)Assert.Single(ready["addresses"]!.AsArray()));
        Assert.Equal((string?)pod["spec"]!["nodeName"], (string?)ready["nodeName"]);
        Assert.Equal(("Pod", Namespace, UidOf(pod)), ((string?)ready["targetRef"]!["kind"], (string?)ready["targetRef"]!["namespace"], (string?)ready["targetRef"]!["uid"]));
        Assert.Equal("ready", (string?)ready["hostname"]);
        var node = (await Api.GetAsync($"/api/v1/nodes/{(string?)ready["nodeName"]}")).Expect(200);
        Assert.Equal(LabelOf(node, "topology.kubernetes.io/zone"), (string?)ready["zone"]);
        Assert.Equal((true, true, false), (IsTrue(ready, "ready"), IsTrue(ready, "serving"), IsTrue(ready, "terminating")));
        Assert.Equal((false, false, false), (IsTrue(byName["other"], "ready"), IsTrue(byName["other"], "serving"), IsTrue(byName["other"], "terminating")));

        var older = await Api.AwaitAsync(Core("endpoints/web"), obj => obj["subsets"]?[0]?["notReadyAddresses"] is not null && obj["subsets"]?[0]?["addresses"] is not null, "the older Endpoints");
        Assert.Equal("other", (string?)older["subsets"]![0]!["notReadyAddresses"]![0]!["targetRef"]!["name"]);
        Assert.Equal(7000, (int?)older["subsets"]![0]!["ports"]![0]!["port"]);
    }

    [Case("operator: Redis nodes must find each other before they are ready", NeedsPods = true)]
    public async Task PublishNotReadyAddresses_calls_all_pods_ready_also_those_that_end()
    {
        await PodAsync("other", "trap 'while :; do sleep 0.1; done' TERM; while :; do sleep 0.1; done", ready: false, grace: 60);
        await ServiceAsync("web", """{"clusterIP":"None","publishNotReadyAddresses":true,"ports":[{"port":6379}]}""");
        await SlicesAsync("web", endpoints => endpoints.Count == 1 && IsTrue(endpoints[0], "ready") && !IsTrue(endpoints[0], "serving"));
        (await Api.DeleteAsync(Core("pods/other"))).Expect(200);
        await SlicesAsync("web", endpoints => endpoints.Count == 1 && IsTrue(endpoints[0], "ready") && IsTrue(endpoints[0], "terminating"));
        (await Api.DeleteAsync(Core("pods/other?gracePeriodSeconds=0"))).Expect(200);
        await SlicesAsync("web", endpoints => endpoints.Count == 0);
    }

    [Case("operator: a pod that ends gets no new clients", NeedsPods = true)]
    public async Task A_pod_that_ends_serves_still_and_is_not_ready()
    {
        await PodAsync("ending", "trap 'while :; do sleep 0.1; done' TERM; while :; do sleep 0.1; done", ready: true, grace: 60);
        await ServiceAsync("web", """{"ports":[{"port":6379}]}""");
        await SlicesAsync("web", endpoints => endpoints.Count == 1 && IsTrue(endpoints[0], "ready"));
        (await Api.DeleteAsync(Core("pods/ending"))).Expect(200);
        await SlicesAsync("web", endpoints => endpoints.Count == 1 && !IsTrue(endpoints[0], "ready") && IsTrue(endpoints[0], "serving") && IsTrue(endpoints[0], "terminating"));
        (await Api.DeleteAsync(Core("pods/ending?gracePeriodSeconds=0"))).Expect(200);
    }

    [Case("operator: Services come and go with the resource")]
    public async Task A_service_without_pods_has_an_empty_slice_and_takes_it_along()
    {
        await ServiceAsync("web", """{"ports":[{"port":6379}]}""");
        await SlicesAsync("web", endpoints => endpoints.Count == 0);
        await Api.AwaitAsync(Core("endpoints/web"), _ => true, "the older Endpoints");
        (await Api.DeleteAsync(Core("services/web"))).Expect(200);
        await AwaitAllAsync(Group("discovery.k8s.io/v1", "endpointslices?labelSelector=kubernetes.io/service-name%3Dweb"), slices => slices.Count == 0, "no slices");
        await Api.AwaitGoneAsync(Core("endpoints/web"));
    }

    [Case("users: a Service whose endpoints they write themselves")]
    public async Task A_service_without_a_selector_is_left_alone()
    {
        await ServiceAsync("own", """{"clusterIP":"None","selector":null,"ports":[{"port":6379}]}""");
        var slice = JsonNode.Parse("""{"metadata":{"name":"own-1","labels":{"kubernetes.io/service-name":"own"}},"addressType":"IPv4","endpoints":[{"addresses":["192.0.2.1"]}],"ports":[{"port":6379}]}""")!;
        (await Api.PostAsync(Group("discovery.k8s.io/v1", "endpointslices"), slice)).Expect(201);
        // one with a selector that comes later is served by the same controller, so that its silence means something
        await ServiceAsync("web", """{"ports":[{"port":6379}]}""");
        await SlicesAsync("web", endpoints => endpoints.Count == 0);
        Assert.Equal("own-1", NameOf(Assert.Single(await SlicesAsync("own", endpoints => endpoints.Count == 1))));
    }

    async Task PodAsync(string name, string script, bool ready, int grace = 1)
    {
        var pod = Manifest.Pod(name, script);
        pod["metadata"]!["labels"]!["app"] = "web";
        pod["spec"]!["hostname"] = name;
        pod["spec"]!["subdomain"] = "web";
        pod["spec"]!["terminationGracePeriodSeconds"] = grace;
        var container = pod["spec"]!["containers"]![0]!;
        container["ports"] = JsonNode.Parse("""[{"name":"redis","containerPort":7000}]""");
        if (!ready)
        {
            container["readinessProbe"] = JsonNode.Parse("""{"exec":{"command":["false"]},"periodSeconds":1}""");
        }

        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        await Api.AwaitAsync(Core($"pods/{name}"), now => (string?)now["status"]!["phase"] == "Running" && now["status"]!["podIP"] is not null, "the pod to run");
    }

    async Task ServiceAsync(string name, string spec)
    {
        var its = new JsonObject { ["selector"] = new JsonObject { ["app"] = "web" } };
        foreach (var (field, value) in JsonNode.Parse(spec)!.AsObject())
        {
            its[field] = value?.DeepClone();
        }

        (await Api.PostAsync(Core("services"), new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = its })).Expect(201);
    }

    /// <summary>The slices of a Service, once their endpoints, those that are not ready first, are as they should be.</summary>
    Task<IReadOnlyList<JsonObject>> SlicesAsync(string service, Func<IReadOnlyList<JsonObject>, bool> condition) => AwaitAllAsync(
        Group("discovery.k8s.io/v1", $"endpointslices?labelSelector=kubernetes.io/service-name%3D{service}"),
        slices => slices.Count > 0 && condition([.. slices.SelectMany(slice => slice["endpoints"]?.AsArray() ?? []).Select(endpoint => endpoint!.AsObject()).OrderBy(endpoint => IsTrue(endpoint, "ready"))]),
        "endpoints");

    static bool IsTrue(JsonObject endpoint, string condition) => (bool?)endpoint["conditions"]?[condition] == true;
}
