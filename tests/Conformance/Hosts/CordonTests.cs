using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Hosts;

/// <summary>Hosts that are taken out by people: taints, cordon and drain. Each case gives the host back.</summary>
[Collection(nameof(Hosts))]
public sealed class CordonTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    string _host = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _host = (await Pause.HostsAsync(Api))[^1];
    }

    public override async ValueTask DisposeAsync()
    {
        await Cluster.TryKubectlAsync("", "uncordon", _host);
        await Cluster.TryKubectlAsync("", "taint", "node", _host, $"{Namespace}-");
        await base.DisposeAsync();
    }

    string OnHost => $"nodeSelector: {{kubernetes.io/hostname: {_host}}}";

    [Case("user: kubectl cordon", Hosts = 3)]
    public async Task A_cordoned_host_keeps_its_pods_and_takes_no_more_until_it_is_uncordoned()
    {
        await CreateAsync(Pause.Pod("old", "a", OnHost));
        await Api.AwaitAsync(Core("pods/old"), pod => Pause.HostOf(pod) == _host, "its host");

        await Cluster.KubectlAsync("cordon", _host);
        await Api.AwaitAsync(
            $"/api/v1/nodes/{_host}",
            node => node["spec"]!["taints"]?.AsArray().Any(taint => (string?)taint!["key"] == "node.kubernetes.io/unschedulable" && (string?)taint["effect"] == "NoSchedule") == true,
            "the taint of a cordon");
        await CreateAsync(Pause.Pod("new", "a", OnHost));

        var waiting = await Api.AwaitAsync(Core("pods/new"), pod => Pause.Obstacle(pod) is not null, "an obstacle");
        Assert.Contains("1 node(s) were unschedulable", Pause.Obstacle(waiting), StringComparison.Ordinal);
        Assert.Matches($@"{_host} +Ready,SchedulingDisabled", await Cluster.KubectlAsync("get", "node", _host));
        Assert.Null((await Api.GetAsync(Core("pods/old"))).Expect(200)["metadata"]!["deletionTimestamp"]);

        await Cluster.KubectlAsync("uncordon", _host);
        await Api.AwaitAsync(Core("pods/new"), pod => Pause.HostOf(pod) == _host, "its host");
        await Api.AwaitAsync($"/api/v1/nodes/{_host}", node => node["spec"]!["taints"] is not JsonArray { Count: > 0 }, "no taint");
    }

    [Case("operator: spec.scheduling.tolerations", Hosts = 3)]
    public async Task Only_what_tolerates_a_taint_is_put_there()
    {
        await Cluster.KubectlAsync("taint", "node", _host, $"{Namespace}=yes:NoSchedule");
        await CreateAsync(Pause.Pod("without", "a", OnHost));
        await CreateAsync(Pause.Pod("with", "a", $"{{{OnHost}, tolerations: [{{key: {Namespace}, operator: Equal, value: \"yes\", effect: NoSchedule}}]}}"));

        await Api.AwaitAsync(Core("pods/with"), pod => Pause.HostOf(pod) == _host, "its host");
        var waiting = await Api.AwaitAsync(Core("pods/without"), pod => Pause.Obstacle(pod) is not null, "an obstacle");
        // which taint it is was left out in 1.36
        Assert.Matches($@"1 node\(s\) had untolerated taint(\(s\)| \{{{Namespace}: yes\}})", Pause.Obstacle(waiting));
    }

    [Case("scenario: a host is taken out of use", Hosts = 3, NeedsPods = true)]
    public async Task A_taint_of_NoExecute_ends_what_does_not_tolerate_it_and_later_what_does_for_a_time()
    {
        await CreateAsync(Pause.Pod("never", "a", OnHost));
        await CreateAsync(Pause.Pod("awhile", "a", $"{{{OnHost}, tolerations: [{{key: {Namespace}, operator: Exists, effect: NoExecute, tolerationSeconds: 3}}]}}"));
        await CreateAsync(Pause.Pod("always", "a", $"{{{OnHost}, tolerations: [{{key: {Namespace}, operator: Exists}}]}}"));
        foreach (var pod in (string[])["never", "awhile", "always"])
        {
            await Api.AwaitAsync(Core($"pods/{pod}"), now => (string?)now["status"]!["phase"] == "Running", "to run");
        }

        // A finalizer keeps it, to be looked at.
        (await Api.PatchAsync(Core("pods/never"), PatchType.Merge, Manifest.Yaml("{metadata: {finalizers: [example.com/seen]}}"))).Expect(200);
        await Cluster.KubectlAsync("taint", "node", _host, $"{Namespace}=gone:NoExecute");
        var start = TimeProvider.System.GetTimestamp();

        var ended = await Api.AwaitAsync(Core("pods/never"), pod => pod["metadata"]!["deletionTimestamp"] is not null, "to be deleted");
        var target = ended["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == "DisruptionTarget")!;
        Assert.Equal(("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"), ((string?)target["reason"], (string?)target["message"]));
        (await Api.PatchAsync(Core("pods/never"), PatchType.Merge, Manifest.Yaml("{metadata: {finalizers: null}}"))).Expect(200);
        await Api.AwaitGoneAsync(Core("pods/awhile"));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 2.5, 60);
        Assert.Null((await Api.GetAsync(Core("pods/always"))).Expect(200)["metadata"]!["deletionTimestamp"]);
    }

    [Case("user: kubectl drain", Hosts = 3, NeedsPods = true)]
    public async Task Drain_waits_for_the_budget()
    {
        (await Api.PostAsync(Group("policy/v1", "poddisruptionbudgets"), Manifest.Yaml("""
            metadata: {name: all}
            spec: {minAvailable: 2, selector: {matchLabels: {app: drained}}}
            """))).Expect(201);
        foreach (var pod in (string[])["one", "two"])
        {
            await CreateAsync(Pause.Pod(pod, "drained", OnHost));
            await Api.AwaitAsync(Core($"pods/{pod}"), IsReady, "to be ready");
        }

        await Api.AwaitAsync(Group("policy/v1", "poddisruptionbudgets/all"), budget => (int?)budget["status"]?["currentHealthy"] == 2, "two healthy pods");
        string[] drain = ["drain", _host, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--pod-selector=app=drained", "--disable-eviction=false"];
        var refused = await Cluster.TryKubectlAsync("", [.. drain, "--timeout=2s"]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Cannot evict pod as it would violate the pod's disruption budget", refused.Output + refused.Errors, StringComparison.Ordinal);
        Assert.Equal("Running", (string?)(await Api.GetAsync(Core("pods/one"))).Expect(200)["status"]!["phase"]);

        (await Api.PatchAsync(Group("policy/v1", "poddisruptionbudgets/all"), PatchType.Merge, Manifest.Yaml("{spec: {minAvailable: 0}}"))).Expect(200);
        await Cluster.KubectlAsync([.. drain, "--timeout=60s"]);

        await Api.AwaitGoneAsync(Core("pods/one"));
        await Api.AwaitGoneAsync(Core("pods/two"));
        Assert.True((bool?)(await Api.GetAsync($"/api/v1/nodes/{_host}")).Expect(200)["spec"]!["unschedulable"]);
    }

    static bool IsReady(JsonObject pod) =>
        pod["status"]?["conditions"]?.AsArray().Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True") == true;

    async Task CreateAsync(JsonObject pod) => (await Api.PostAsync(Core("pods"), pod)).Expect(201);
}
