using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>How pods end: hooks, signals, and the time that they have.</summary>
public sealed class TerminationTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    const string Obedient = "trap 'echo got TERM; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    const string Deaf = "trap '' TERM; echo up; while :; do sleep 0.05; done";

    /// <summary>With it a pod's object stays, so that its last status can be read.</summary>
    const string Finalizer = "slotwise.dev/conformance";

    [Case("operator: preStop hands mastership over before the server stops", NeedsPods = true)]
    public async Task The_hook_runs_before_the_signal()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 30
            containers:
            - name: main
              lifecycle: {preStop: {exec: {command: [bash, -c, 'echo hook begins > /proc/1/fd/1; sleep 1; echo hook ends > /proc/1/fd/1']}}}
            """, Obedient);
        await AwaitLogAsync("a", "up");
        var log = FollowAsync("a");
        await RemoveAsync("a");

        Assert.Equal("up\nhook begins\nhook ends\ngot TERM\n", await log);
    }

    [Case("operator: terminationGracePeriodSeconds", NeedsPods = true)]
    public async Task A_container_that_ignores_the_signal_is_killed_after_its_grace()
    {
        await KeptAsync("a", """
            terminationGracePeriodSeconds: 2
            containers:
            - {name: main}
            """, Deaf);
        await AwaitLogAsync("a", "up");
        var ending = await DeleteAsync("a");
        Assert.Equal(2, (int?)ending.Metadata["deletionGracePeriodSeconds"]);
        var deadline = Time(ending.Metadata["deletionTimestamp"]);
        var pod = await AwaitAsync("a", pod => pod.Main.Terminated is not null, "its container to end");

        Assert.Equal(137, (int?)pod.Main.Terminated!["exitCode"]);
        Assert.Equal("Error", (string?)pod.Main.Terminated["reason"]);
        // both are in whole seconds
        Assert.InRange((Time(pod.Main.Terminated["finishedAt"]) - deadline).TotalSeconds, -1, 10);
        Assert.Equal("Failed", (await AwaitAsync("a", state => state.Phase is "Failed" or "Succeeded", "its phase")).Phase);
        await ReleaseAsync("a");
    }

    [Case("operator: law 4, a pod that was deleted says how its process ended", NeedsPods = true)]
    public async Task A_container_that_ends_well_on_the_signal_leaves_a_pod_that_Succeeded()
    {
        await KeptAsync("a", """
            terminationGracePeriodSeconds: 30
            containers:
            - {name: main}
            """, Obedient);
        await AwaitLogAsync("a", "up");
        await DeleteAsync("a");
        var pod = await AwaitAsync("a", pod => pod.Phase is "Failed" or "Succeeded", "its phase");

        Assert.Equal("Succeeded", pod.Phase);
        Assert.Equal(0, (int?)pod.Main.Terminated!["exitCode"]);
        Assert.Equal("Completed", (string?)pod.Main.Terminated["reason"]);
        Assert.Equal(0, pod.Main.RestartCount);
        await ReleaseAsync("a");
    }

    [Case("user: kubectl delete --grace-period", NeedsPods = true)]
    public async Task A_second_deletion_can_shorten_the_time_and_never_lengthen_it()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 300
            containers:
            - {name: main}
            """, Deaf);
        await AwaitLogAsync("a", "up");
        Assert.Equal(300, (int?)(await DeleteAsync("a")).Metadata["deletionGracePeriodSeconds"]);
        Assert.Equal(20, (int?)(await DeleteAsync("a", 20)).Metadata["deletionGracePeriodSeconds"]);
        Assert.Equal(20, (int?)(await DeleteAsync("a", 40)).Metadata["deletionGracePeriodSeconds"]);

        await RemoveAsync("a", 0);
    }

    [Case("user: kubectl delete --force", NeedsPods = true)]
    public async Task A_forced_deletion_removes_the_object_at_once()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 300
            containers:
            - {name: main}
            """, Deaf);
        await AwaitLogAsync("a", "up");
        await DeleteAsync("a", 0);

        Assert.Equal(404, (await Api.GetAsync(Core("pods/a"))).Status);
    }

    [Case("operator: preStop must not hold a pod for ever", NeedsPods = true)]
    public async Task The_hook_takes_its_time_from_the_grace()
    {
        await KeptAsync("a", """
            terminationGracePeriodSeconds: 2
            containers:
            - name: main
              lifecycle: {preStop: {exec: {command: [bash, -c, 'sleep 1000']}}}
            """, Obedient);
        await AwaitLogAsync("a", "up");
        var deadline = Time((await DeleteAsync("a")).Metadata["deletionTimestamp"]);
        var pod = await AwaitAsync("a", pod => pod.Main.Terminated is not null, "its container to end");

        // it still got its signal, in the two seconds that there are beyond the grace
        Assert.Equal(0, (int?)pod.Main.Terminated!["exitCode"]);
        Assert.InRange((Time(pod.Main.Terminated["finishedAt"]) - deadline).TotalSeconds, -1, 10);
        await ReleaseAsync("a");
    }

    [Case("operator: postStart in podTemplate", NeedsPods = true)]
    public async Task A_container_whose_first_hook_fails_is_killed_and_started_again()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 1
            volumes: [{name: v, emptyDir: {}}]
            containers:
            - name: main
              volumeMounts: [{name: v, mountPath: /v}]
              lifecycle: {postStart: {exec: {command: [bash, -c, '[ -e /v/ran ] && exit 0; touch /v/ran; exit 9']}}}
            """, Obedient);
        var pod = await AwaitAsync("a", pod => pod.IsReady && pod.Main.RestartCount > 0, "the second run");

        Assert.NotNull(pod.Main.Last);
        await AwaitEventAsync("a", "FailedPostStartHook", "PostStartHook failed");
        await AwaitEventAsync("a", "Killing", "FailedPostStartHook");
    }

    [Case("operator: preStop by HTTP in podTemplate", NeedsPods = true)]
    public async Task A_hook_can_be_a_request()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 20
            containers:
            - name: main
              ports: [{name: http, containerPort: 8080}]
              lifecycle: {preStop: {httpGet: {port: http, path: /bye}}}
            """, ProbeTests.HttpServer);
        await AwaitLogAsync("a", "up");
        var log = FollowAsync("a");
        await RemoveAsync("a");

        Assert.Contains("GET /bye", await log, StringComparison.Ordinal);
    }

    [Case("operator: a Service stops sending to a pod that ends", NeedsPods = true)]
    public async Task A_pod_that_ends_leaves_its_Service_at_once()
    {
        (await Api.PostAsync(Core("services"), Manifest.Yaml("{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: a}, clusterIP: None, ports: [{port: 80}]}}"))).Expect(201);
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 60
            containers:
            - name: main
              command: [bash, -c, 'trap "" TERM; while [ ! -e /tmp/go ]; do sleep 0.05; done']
              lifecycle: {preStop: {exec: {command: [bash, -c, 'sleep 4; touch /tmp/go']}}}
            """);
        await AwaitReadyAsync("a");
        await AwaitEndpointAsync(conditions => (bool?)conditions["ready"] == true && (bool?)conditions["terminating"] != true, "it to be ready");
        await DeleteAsync("a");

        await AwaitEndpointAsync(conditions => (bool?)conditions["ready"] == false && (bool?)conditions["serving"] == true && (bool?)conditions["terminating"] == true, "it to be terminating");
        await Api.AwaitGoneAsync(Core("pods/a"));
    }

    async Task AwaitEndpointAsync(Func<JsonNode, bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var slices = (await Api.GetAsync(Group("discovery.k8s.io/v1", "endpointslices?labelSelector=kubernetes.io/service-name=s"))).Expect(200)["items"]!.AsArray();
            if (slices.SelectMany(slice => slice!["endpoints"]?.AsArray() ?? []).Any(endpoint => endpoint!["conditions"] is { } conditions && condition(conditions)))
            {
                return;
            }

            Assert.False(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(60), $"waited 60 s for {what}: {slices}");
            await Task.Delay(50, Cancel);
        }
    }

    async Task KeptAsync(string name, string spec, string script)
    {
        var pod = Pod(name, spec, script);
        pod["metadata"]!["finalizers"] = new JsonArray(Finalizer);
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
    }

    async Task ReleaseAsync(string name)
    {
        (await Api.PatchAsync(Core($"pods/{name}"), PatchType.Merge, Manifest.Yaml("metadata: {finalizers: null}"))).Expect(200);
        await Api.AwaitGoneAsync(Core($"pods/{name}"));
    }

    static DateTimeOffset Time(JsonNode? time) => DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture);
}
