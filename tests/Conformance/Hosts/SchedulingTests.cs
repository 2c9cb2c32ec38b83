using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Hosts;

/// <summary>Where pods are put, and what is said when there is no place for one.</summary>
[Collection(nameof(Hosts))]
public sealed class SchedulingTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    const string Apart = """
        affinity:
          podAntiAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
            - topologyKey: kubernetes.io/hostname
              labelSelector: {matchLabels: {app: apart}}
        """;

    [Case("operator: spec.scheduling.nodeSelector", Hosts = 3)]
    public async Task A_pod_goes_to_the_host_that_its_selector_names()
    {
        foreach (var host in await HostsAsync())
        {
            await CreateAsync(Pause.Pod($"on-{host}", "a", $"{{nodeSelector: {{kubernetes.io/hostname: {host}}}}}"));
            Assert.Equal(host, await PlacedAsync($"on-{host}"));
        }
    }

    [Case("operator: spec.scheduling.affinity", Hosts = 3)]
    public async Task A_preference_decides_among_hosts_that_will_do()
    {
        var hosts = await HostsAsync();
        await CreateAsync(Pause.Pod("first", "a", $$$"""
            affinity:
              nodeAffinity:
                requiredDuringSchedulingIgnoredDuringExecution:
                  nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: NotIn, values: [{{{hosts[0]}}}]}]}]
                preferredDuringSchedulingIgnoredDuringExecution:
                - {weight: 1, preference: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [{{{hosts[0]}}}, {{{hosts[1]}}}]}]}}
                - {weight: 100, preference: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [{{{hosts[2]}}}]}]}}
            """));

        Assert.Equal(hosts[2], await PlacedAsync("first"));
    }

    [Case("operator: spec.scheduling.hosts Required", Hosts = 3)]
    public async Task Pods_that_must_be_apart_are_and_one_too_many_waits_until_there_is_room()
    {
        var all = await HostsAsync();
        for (var i = 0; i < all.Count; i++)
        {
            await CreateAsync(Pause.Pod($"p-{i}", "apart", Apart));
        }

        var taken = new List<string?>();
        for (var i = 0; i < all.Count; i++)
        {
            taken.Add(await PlacedAsync($"p-{i}"));
        }

        Assert.Equal(all.Order(), taken.Order());
        await CreateAsync(Pause.Pod("late", "apart", Apart));
        var why = await ObstacleAsync("late");
        Assert.Matches($@"^0/\d+ nodes are available: .*\b{all.Count} node\(s\) didn't match pod anti-affinity rules[,.] .*preemption: 0/\d+ nodes are available: .*{all.Count} No preemption victims found for incoming pod", why);

        (await Api.DeleteAsync(Core("pods/p-1"))).Expect(200);
        Assert.Equal(taken[1], await PlacedAsync("late"));
    }

    [Case("operator: spec.scheduling.hosts Required", Hosts = 3)]
    public async Task Nobody_joins_a_pod_that_wants_to_be_apart_from_him()
    {
        await CreateAsync(Pause.Pod("hermit", "hermit", Apart));
        var host = await PlacedAsync("hermit");
        await CreateAsync(Pause.Pod("guest", "apart", $"{{nodeSelector: {{kubernetes.io/hostname: {host}}}}}"));

        var why = await ObstacleAsync("guest");

        Assert.Contains("1 node(s) didn't satisfy existing pods anti-affinity rules", why, StringComparison.Ordinal);
        Assert.Contains("node(s) didn't match Pod's node affinity/selector", why, StringComparison.Ordinal);
    }

    [Case("operator: spec.scheduling.hosts Preferred", Hosts = 3)]
    public async Task Pods_that_would_rather_be_apart_are_while_there_is_room()
    {
        const string Rather = """
            affinity:
              podAntiAffinity:
                preferredDuringSchedulingIgnoredDuringExecution:
                - {weight: 100, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: rather}}}}
            """;
        var hosts = new List<string>();
        var all = await HostsAsync();
        for (var i = 0; i <= all.Count; i++)
        {
            await CreateAsync(Pause.Pod($"p-{i}", "rather", Rather));
            hosts.Add(await PlacedAsync($"p-{i}"));
        }

        Assert.Equal(all.Order(), hosts.Take(all.Count).Order());
    }

    [Case("user: pods beside their cache", Hosts = 3)]
    public async Task Pods_that_must_be_near_others_wait_for_them_and_the_first_of_its_kind_does_not()
    {
        const string Near = """
            affinity:
              podAffinity:
                requiredDuringSchedulingIgnoredDuringExecution:
                - topologyKey: topology.kubernetes.io/zone
                  labelSelector: {matchLabels: {app: near}}
            """;
        await CreateAsync(Pause.Pod("follower", "other", Near));
        Assert.Contains("node(s) didn't match pod affinity rules", await ObstacleAsync("follower"), StringComparison.Ordinal);

        await CreateAsync(Pause.Pod("first", "near", Near));

        Assert.Equal(await PlacedAsync("first"), await PlacedAsync("follower"));
    }

    [Case("operator: spec.scheduling.zones Required", Hosts = 3)]
    public async Task Pods_are_spread_over_zones_by_no_more_than_the_skew()
    {
        const string Spread = """
            topologySpreadConstraints:
            - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: spread}}}
            """;
        var hosts = new List<string>();
        var all = await HostsAsync();
        for (var i = 0; i < all.Count * 2; i++)
        {
            await CreateAsync(Pause.Pod($"p-{i}", "spread", Spread));
            hosts.Add(await PlacedAsync($"p-{i}"));
        }

        Assert.All(hosts.GroupBy(host => host), group => Assert.Equal(2, group.Count()));
        // a pod that may go to one host only, which has its share already
        await CreateAsync(Pause.Pod("late", "spread", $"{Spread}\nnodeSelector: {{kubernetes.io/hostname: {all[0]}}}".Replace("labelSelector", "nodeAffinityPolicy: Ignore, labelSelector", StringComparison.Ordinal)));
        Assert.Equal(all[0], await PlacedAsync("late"));
        await CreateAsync(Pause.Pod("later", "spread", $"{Spread}\nnodeSelector: {{kubernetes.io/hostname: {all[0]}}}".Replace("labelSelector", "nodeAffinityPolicy: Ignore, labelSelector", StringComparison.Ordinal)));
        Assert.Contains("1 node(s) didn't match pod topology spread constraints", await ObstacleAsync("later"), StringComparison.Ordinal);
    }

    [Case("user: resources.requests", NeedsPods = true)]
    public async Task What_no_host_has_is_named()
    {
        var pod = Pause.Pod("huge", "a");
        pod["spec"]!["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "1000", ["memory"] = "1000Ti" } };
        await CreateAsync(pod);
        var hosts = (await HostsAsync()).Count;

        Assert.Matches($@"^0/\d+ nodes are available: .*\b{hosts} Insufficient cpu, {hosts} Insufficient memory[,.] ", await ObstacleAsync("huge"));
        var scheduling = (await Api.AwaitAsync(Core("pods/huge"), _ => true, "")).AsObject()["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == "PodScheduled")!;
        Assert.Equal("Unschedulable", (string?)scheduling["reason"]);
        Assert.Contains("FailedScheduling", await EventsAsync("huge"), StringComparison.Ordinal);
    }

    [Case("user: a claim that was forgotten", NeedsPods = true)]
    public async Task A_pod_without_its_claim_waits_for_it()
    {
        await CreateAsync(Pause.Pod("p", "a", "{volumes: [{name: data, persistentVolumeClaim: {claimName: forgotten}}]}"));

        Assert.Matches(@"^0/\d+ nodes are available: persistentvolumeclaim ""forgotten"" not found\.", await ObstacleAsync("p"));
    }

    [Case("user: kueue and the like", NeedsPods = true)]
    public async Task A_gated_pod_gets_no_host_until_the_gate_is_gone()
    {
        await CreateAsync(Pause.Pod("gated", "a", "{schedulingGates: [{name: example.com/wait}]}"));
        var gated = await Api.AwaitAsync(Core("pods/gated"), pod => Pause.Obstacle(pod) is not null, "its gate to be told");
        Assert.Equal("Scheduling is blocked due to non-empty scheduling gates", Pause.Obstacle(gated));

        (await Api.PatchAsync(Core("pods/gated"), PatchType.Json, new JsonArray(new JsonObject { ["op"] = "remove", ["path"] = "/spec/schedulingGates" }))).Expect(200);

        Assert.NotEmpty(await PlacedAsync("gated"));
    }

    [Case("user: a scheduler of their own", NeedsPods = true)]
    public async Task Pods_of_another_scheduler_are_left_alone()
    {
        await CreateAsync(Pause.Pod("theirs", "a", "{schedulerName: theirs}"));
        await CreateAsync(Pause.Pod("ours", "a"));
        await PlacedAsync("ours");

        var theirs = (await Api.GetAsync(Core("pods/theirs"))).Expect(200);

        Assert.Null(Pause.HostOf(theirs));
        Assert.Null(Pause.Obstacle(theirs));
    }

    [Case("operator: spec.scheduling.priorityClassName")]
    public async Task A_priority_class_is_resolved_and_must_exist()
    {
        await CreateAsync(Pause.Pod("important", "a", "{priorityClassName: system-cluster-critical}"));
        Assert.Equal(2_000_000_000, (int?)(await Api.GetAsync(Core("pods/important"))).Expect(200)["spec"]!["priority"]);

        var refused = (await Api.PostAsync(Core("pods"), Pause.Pod("p", "a", "{priorityClassName: none}"))).ExpectRefusal(403, "Forbidden");

        Assert.Equal("pods \"p\" is forbidden: no PriorityClass with name none was found", refused.Message);
    }

    [Case("operator: pods outlive a short absence of their host")]
    public async Task A_pod_tolerates_lost_hosts_for_five_minutes_unless_it_says_otherwise()
    {
        await CreateAsync(Pause.Pod("p", "a", "{tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 7}, {key: own, operator: Exists}]}"));

        var tolerations = (await Api.GetAsync(Core("pods/p"))).Expect(200)["spec"]!["tolerations"]!.AsArray().Select(one => ((string?)one!["key"], (int?)one["tolerationSeconds"]));

        Assert.Equal([("node.kubernetes.io/unreachable", 7), ("own", null), ("node.kubernetes.io/not-ready", 300)], tolerations);
    }

    Task<List<string>> HostsAsync() => Pause.HostsAsync(Api);

    async Task CreateAsync(JsonObject pod) => (await Api.PostAsync(Core("pods"), pod)).Expect(201);

    async Task<string> PlacedAsync(string pod) => Pause.HostOf(await Api.AwaitAsync(Core($"pods/{pod}"), now => Pause.HostOf(now) is not null, "a host"))!;

    async Task<string> ObstacleAsync(string pod) => Pause.Obstacle(await Api.AwaitAsync(Core($"pods/{pod}"), now => Pause.Obstacle(now) is not null, "an obstacle"))!;

    async Task<string> EventsAsync(string pod)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var events = (await Api.GetAsync(Core($"events?fieldSelector=involvedObject.name={pod}"))).Text;
            if (events.Contains("\"reason\"", StringComparison.Ordinal) || TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
            {
                return events;
            }

            await Task.Delay(50, Cancel);
        }
    }
}
