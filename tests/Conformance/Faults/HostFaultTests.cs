using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Faults;

/// <summary>What is seen of hosts that lose their power or are cut off.</summary>
public sealed class HostFaultTests(ClusterUnderTest cluster, HostsThatFail hosts) : IClassFixture<HostsThatFail>, IAsyncLifetime
{
    const string Lost = "localkube-1";

    readonly string _namespace = $"faults-{Guid.NewGuid():N}"[..16];

    ApiClient Api => hosts.Api;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(cluster.IsLocal, "only LocalKubernetes makes trouble on demand");
        (await Api.PostAsync("/api/v1/namespaces", Manifest.Yaml($"{{metadata: {{name: {_namespace}}}}}"))).Expect(201);
        await Api.AwaitAsync(Core("serviceaccounts/default"), _ => true, "the namespace's service account");
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster.IsLocal)
        {
            await hosts.MendAsync();
            await Api.DeleteAsync($"/api/v1/namespaces/{_namespace}");
        }
    }

    [Case("scenario: host lost", NeedsFaults = true)]
    public async Task A_lost_host_is_noticed_and_its_pods_stay_until_they_are_known_to_be_gone()
    {
        await SetAsync(3);
        (await Api.PostAsync(Core("services"), Manifest.Yaml("{metadata: {name: web}, spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}}"))).Expect(201);
        var pod = await PodOnAsync(Lost);
        var uid = await UidAsync(pod);

        await PowerAsync(Lost, false);

        var node = await Api.AwaitAsync($"/api/v1/nodes/{Lost}", now => HostsThatFail.ReadyOf(now) == "Unknown" && Taints(now).Length == 2, "to be given up");
        Assert.All(node["status"]!["conditions"]!.AsArray(), condition => Assert.Equal(
            ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."),
            ((string?)condition!["status"], (string?)condition["reason"], (string?)condition["message"])));
        Assert.Equal(["node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule"], Taints(node).Order());
        await Api.AwaitAsync(Core($"pods/{pod}"), now => ReadyOf(now) == "False", "not to be ready");
        await AwaitEndpointsAsync(2);

        // the set's pods tolerate it for two seconds; nobody can confirm their end, so no successor comes
        var ending = await Api.AwaitAsync(Core($"pods/{pod}"), now => now["metadata"]!["deletionTimestamp"] is not null, "to be deleted");
        Assert.Equal((uid, "Running"), ((string?)ending["metadata"]!["uid"], (string?)ending["status"]!["phase"]));
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal(uid, await UidAsync(pod));

        // somebody says that the host will not come back
        var taints = node["spec"]!["taints"]!.DeepClone().AsArray();
        taints.Add(Manifest.Yaml("{key: node.kubernetes.io/out-of-service, value: nodeshutdown, effect: NoExecute}"));
        (await Api.PatchAsync($"/api/v1/nodes/{Lost}", PatchType.Merge, new JsonObject { ["spec"] = new JsonObject { ["taints"] = taints } })).Expect(200);
        var successor = await Api.AwaitAsync(Core($"pods/{pod}"), now => (string?)now["metadata"]!["uid"] != uid && ReadyOf(now) == "True", "a successor");
        Assert.NotEqual(Lost, (string?)successor["spec"]!["nodeName"]);
        (await Api.PatchAsync($"/api/v1/nodes/{Lost}", PatchType.Merge, Manifest.Yaml("{spec: {taints: null}}"))).Expect(200);
    }

    [Case("scenario: host back", NeedsFaults = true)]
    public async Task A_host_that_comes_back_starts_its_pods_again_in_place()
    {
        var name = await RunAsync("kept", Lost, "echo life; exec sleep 1000", tolerationSeconds: 300);
        var before = await Api.AwaitAsync(Core($"pods/{name}"), now => ReadyOf(now) == "True", "to be ready");

        await PowerAsync(Lost, false);
        await Api.AwaitAsync(Core($"pods/{name}"), now => ReadyOf(now) == "False", "not to be ready");
        await PowerAsync(Lost, true);

        var after = await Api.AwaitAsync(Core($"pods/{name}"), now => ReadyOf(now) == "True" && (int?)now["status"]!["containerStatuses"]![0]!["restartCount"] == 1, "to run again");
        Assert.Equal((string?)before["metadata"]!["uid"], (string?)after["metadata"]!["uid"]);
        Assert.NotNull(after["status"]!["containerStatuses"]![0]!["lastState"]!["terminated"]);
        await Api.AwaitAsync($"/api/v1/nodes/{Lost}", now => HostsThatFail.ReadyOf(now) == "True" && Taints(now).Length == 0, "to be ready");
    }

    [Case("scenario: host back", NeedsFaults = true)]
    public async Task What_was_deleted_meanwhile_is_ended_when_the_host_comes_back()
    {
        var name = await RunAsync("doomed", Lost, "exec sleep 1000", tolerationSeconds: 0);
        await PowerAsync(Lost, false);
        await Api.AwaitAsync(Core($"pods/{name}"), now => now["metadata"]!["deletionTimestamp"] is not null, "to be deleted");

        await PowerAsync(Lost, true);

        await Api.AwaitGoneAsync(Core($"pods/{name}"));
    }

    [Case("scenario: host lost for good", NeedsFaults = true)]
    public async Task Pods_of_a_host_whose_node_is_deleted_go_and_are_replaced()
    {
        await SetAsync(3);
        var pod = await PodOnAsync(Lost);
        var uid = await UidAsync(pod);
        await PowerAsync(Lost, false);
        (await Api.DeleteAsync($"/api/v1/nodes/{Lost}")).Expect(200);

        var successor = await Api.AwaitAsync(Core($"pods/{pod}"), now => (string?)now["metadata"]!["uid"] != uid && ReadyOf(now) == "True", "a successor");

        Assert.NotEqual(Lost, (string?)successor["spec"]!["nodeName"]);
    }

    [Case("scenario: host cut off from the control plane", NeedsFaults = true)]
    public async Task A_host_that_does_not_reach_the_API_server_is_given_up_while_its_pods_live_on()
    {
        var name = await RunAsync("alive", Lost, "while :; do echo alive; sleep 0.1; done", tolerationSeconds: 300);
        await hosts.InflictAsync(Lost, new JsonObject { ["cut"] = new JsonArray("@server") });

        await Api.AwaitAsync($"/api/v1/nodes/{Lost}", now => HostsThatFail.ReadyOf(now) == "Unknown", "to be given up");
        await Api.AwaitAsync(Core($"pods/{name}"), now => ReadyOf(now) == "False", "not to be ready");
        await hosts.InflictAsync(Lost, new JsonObject { ["mend"] = new JsonArray("@server") });

        var after = await Api.AwaitAsync(Core($"pods/{name}"), now => ReadyOf(now) == "True", "to be ready again");
        Assert.Equal(0, (int?)after["status"]!["containerStatuses"]![0]!["restartCount"]);
    }

    [Case("scenario: network partition between hosts", NeedsFaults = true)]
    public async Task Between_hosts_that_are_cut_nothing_passes_and_to_others_everything()
    {
        var server = await RunAsync("server", Lost, "exec perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(LocalPort=>7000,Listen=>50,ReuseAddr=>1); while($c=$s->accept){print $c \"hello\\n\"; close $c}'", 300);
        var address = (string)(await Api.AwaitAsync(Core($"pods/{server}"), now => ReadyOf(now) == "True", "to be ready"))["status"]!["podIP"]!;
        var reach = $"while :; do timeout 0.3 bash -c 'exec 3<>/dev/tcp/{address}/7000 && read -r line <&3 && echo $line' 2>/dev/null || echo nothing; sleep 0.05; done";
        var near = await RunAsync("near", Lost, reach, 300);
        var far = await RunAsync("far", "localkube-0", reach, 300);
        var third = await RunAsync("third", "localkube-2", reach, 300);
        foreach (var pod in (string[])[near, far, third])
        {
            await SaysLastAsync(pod, "hello");
        }

        await hosts.InflictAsync(Lost, new JsonObject { ["cut"] = new JsonArray("zone-a") });
        await SaysLastAsync(far, "nothing");
        await SaysLastAsync(near, "hello");
        await SaysLastAsync(third, "hello");

        await hosts.InflictAsync(Lost, new JsonObject { ["cut"] = new JsonArray("@hosts") });
        await SaysLastAsync(third, "nothing");
        await hosts.InflictAsync(Lost, new JsonObject { ["mend"] = new JsonArray() });
        await SaysLastAsync(far, "hello");
        await SaysLastAsync(third, "hello");
        Assert.Equal("True", HostsThatFail.ReadyOf((await Api.GetAsync($"/api/v1/nodes/{Lost}")).Expect(200)));

        await hosts.InflictAsync(Lost, new JsonObject { ["loss"] = 100 });
        await SaysLastAsync(near, "nothing");
        await hosts.InflictAsync(Lost, new JsonObject { ["loss"] = 0 });
        await SaysLastAsync(near, "hello");
    }

    [Case("user: a typing error", NeedsFaults = true)]
    public async Task Trouble_that_cannot_be_is_refused()
    {
        foreach (var (body, message) in (IEnumerable<(string, string)>)
            [("{cut: [elsewhere]}", "\"elsewhere\" is neither another host nor a zone with one"), ("{loss: 101}", "loss: 101 is none of 0 to 100 percent"), ("{fire: true}", "The fields are power, cut, mend, loss and clock.")])
        {
            var refused = (await Api.PatchAsync($"/api/v1/nodes/{Lost}/localkube", PatchType.Merge, Manifest.Yaml(body))).ExpectRefusal(400, "BadRequest");
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        }
    }

    string Core(string rest) => $"/api/v1/namespaces/{_namespace}/{rest}";

    static string[] Taints(JsonNode node) => [.. (node["spec"]!["taints"]?.AsArray() ?? []).Select(taint => $"{taint!["key"]}:{taint["effect"]}")];

    static string? ReadyOf(JsonNode pod) =>
        (string?)(pod["status"]?["conditions"]?.AsArray() ?? []).FirstOrDefault(condition => (string?)condition!["type"] == "Ready")?["status"];

    Task PowerAsync(string host, bool on) => hosts.InflictAsync(host, new JsonObject { ["power"] = on });

    async Task<string?> UidAsync(string pod) => (string?)(await Api.GetAsync(Core($"pods/{pod}"))).Expect(200)["metadata"]!["uid"];

    async Task SetAsync(int replicas)
    {
        (await Api.PostAsync($"/apis/apps/v1/namespaces/{_namespace}/statefulsets", Manifest.Yaml($$"""
            metadata: {name: web}
            spec:
              replicas: {{replicas}}
              podManagementPolicy: Parallel
              serviceName: web
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web} }
                spec:
                  terminationGracePeriodSeconds: 1
                  tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 2}]
                  containers: [{name: main, image: "debian:12", command: [sleep, "1000"]}]
            """))).Expect(201);
        await Api.AwaitAsync($"/apis/apps/v1/namespaces/{_namespace}/statefulsets/web", set => (int?)set["status"]?["readyReplicas"] == replicas, "to be ready");
    }

    async Task<string> PodOnAsync(string host) => (await Api.GetAsync(Core("pods?labelSelector=app=web"))).Expect(200)["items"]!.AsArray()
        .Where(pod => (string?)pod!["spec"]!["nodeName"] == host).Select(pod => (string)pod!["metadata"]!["name"]!).First();

    async Task<string> RunAsync(string name, string host, string script, int tolerationSeconds)
    {
        var pod = Manifest.Pod(name, script);
        pod["spec"]!["terminationGracePeriodSeconds"] = 1;
        pod["spec"]!["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = host };
        pod["spec"]!["tolerations"] = new JsonArray(Manifest.Yaml($"{{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: {tolerationSeconds}}}"));
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        await Api.AwaitAsync(Core($"pods/{name}"), now => ReadyOf(now) == "True", "to be ready");
        return name;
    }

    async Task AwaitEndpointsAsync(int ready)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var slices = (await Api.GetAsync($"/apis/discovery.k8s.io/v1/namespaces/{_namespace}/endpointslices?labelSelector=kubernetes.io/service-name=web")).Expect(200);
            if (slices["items"]!.AsArray().SelectMany(slice => slice!["endpoints"]?.AsArray() ?? []).Count(endpoint => (bool?)endpoint!["conditions"]!["ready"] == true) == ready)
            {
                return;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"waited 30 s for {ready} ready endpoints: {slices}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a pod's last lines are all the same.</summary>
    async Task SaysLastAsync(string pod, string line)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var log = (await Api.GetAsync(Core($"pods/{pod}/log?tailLines=3"))).Text;
            var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length == 3 && lines.All(one => one == line))
            {
                return;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"waited 30 s for {pod} to write {line}: {log}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
