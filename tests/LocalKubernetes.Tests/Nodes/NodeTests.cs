using System.Diagnostics;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>Pods as objects become processes: needs root, iproute2 and bubblewrap.</summary>
public sealed class NodeTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_pod_runs_becomes_ready_and_goes_without_a_trace()
    {
        await node.CreateAsync(NodeFixture.Shell("plain", "trap 'exit 0' TERM; echo hello; while :; do sleep 0.05; done"));
        var ready = await node.WaitAsync("plain", NodeFixture.IsReady);
        Assert.Equal("Running", ready.Status!.Phase);
        var status = Assert.Single(ready.Status.ContainerStatuses!);
        Assert.True(status is { Ready: true, Started: true, RestartCount: 0 });
        Assert.StartsWith("bubblewrap://", status.ContainerID);
        Assert.Equal(node.Node.Address, ready.Status.HostIP);
        Assert.Equal(ready.Status.PodIP, Assert.Single(ready.Status.PodIPs!).Ip);
        Assert.Equal("hello", await node.FirstLineAsync(ready));

        await node.Api.DeleteAsync<V1Pod>("default", "plain", new DeleteOptions(), CancellationToken.None);
        await node.WaitGoneAsync("plain");
        Assert.False(Directory.Exists(Path.Combine(node.Scratch.Instance.PodsDirectory, ready.Metadata.Uid!)));
    }

    [Fact]
    public async Task Twenty_pods_at_once()
    {
        var began = Stopwatch.GetTimestamp();
        var names = Enumerable.Range(0, 20).Select(i => $"many-{i}").ToList();
        await Task.WhenAll(names.Select(name => node.CreateAsync(NodeFixture.Shell(name, "exec sleep 1000", spec: spec => spec with { TerminationGracePeriodSeconds = 0 }))));
        var pods = await Task.WhenAll(names.Select(name => node.WaitAsync(name, NodeFixture.IsReady)));
        TestContext.Current.SendDiagnosticMessage($"20 pods ready after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
        Assert.Equal(20, pods.Select(pod => pod.Status!.PodIP).Distinct().Count());
        await Task.WhenAll(names.Select(name => node.Api.DeleteAsync<V1Pod>("default", name, new DeleteOptions(), CancellationToken.None)));
        await Task.WhenAll(names.Select(node.WaitGoneAsync));
    }

    [Fact]
    public async Task Environment_volumes_user_and_files_are_those_asked_for()
    {
        await node.Api.CreateAsync(new V1ConfigMap { Metadata = Named("settings"), Data = new Dictionary<string, string> { ["color"] = "blue" } }, CancellationToken.None);
        await node.Api.CreateAsync(new V1Secret { Metadata = Named("keys"), Data = new Dictionary<string, byte[]> { ["pw"] = "hunter2"u8.ToArray() } }, CancellationToken.None);
        const string Script = """
            echo "$POD_NAME $POD_IP $LIMIT $PASSWORD $1"; id -u; id -g; cat /settings/color; echo; stat -Lc %a /keys/pw; cat /keys/pw; echo
            touch /scratch/mine && stat -c %g /scratch/mine; touch /settings/x 2>/dev/null || echo settings read-only; touch /x 2>/dev/null || echo root read-only
            grep -c "$POD_IP.$(hostname)" /etc/hosts; cat /proc/1/environ | tr '\\0' '\\n' | grep -c PASSWORD; exec sleep 1000
            """;
        var pod = NodeFixture.Shell(
            "full",
            "",
            container => container with
            {
                Command = ["sh", "-c", Script, "sh", "$(POD_NAME)-arg"],
                Env =
                [
                    new V1EnvVar { Name = "POD_NAME", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.name" } } },
                    new V1EnvVar { Name = "POD_IP", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "status.podIP" } } },
                    new V1EnvVar { Name = "LIMIT", ValueFrom = new V1EnvVarSource { ResourceFieldRef = new V1ResourceFieldSelector { Resource = "limits.memory", Divisor = "1Mi" } } },
                    new V1EnvVar { Name = "PASSWORD", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1KeySelector { Name = "keys", Key = "pw" } } },
                ],
                Resources = new V1ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = "64Mi" } },
                SecurityContext = new V1SecurityContext { ReadOnlyRootFilesystem = true },
                VolumeMounts =
                [
                    new V1VolumeMount { Name = "settings", MountPath = "/settings", ReadOnly = true },
                    new V1VolumeMount { Name = "keys", MountPath = "/keys", ReadOnly = true },
                    new V1VolumeMount { Name = "scratch", MountPath = "/scratch" },
                ],
            },
            spec => spec with
            {
                TerminationGracePeriodSeconds = 0,
                SecurityContext = new V1PodSecurityContext { RunAsUser = 1234, RunAsGroup = 2345, FsGroup = 3456, RunAsNonRoot = true },
                Volumes =
                [
                    new V1Volume { Name = "settings", ConfigMap = new V1ConfigMapVolumeSource { Name = "settings" } },
                    new V1Volume { Name = "keys", Secret = new V1SecretVolumeSource { SecretName = "keys", DefaultMode = 0b100_000_000 } },
                    new V1Volume { Name = "scratch", EmptyDir = new V1EmptyDirVolumeSource { Medium = "Memory" } },
                ],
            });
        await node.CreateAsync(pod);
        var ready = await node.WaitAsync("full", NodeFixture.IsReady);
        var lines = await WaitForLinesAsync(ready, 11);
        Assert.Equal(
            [$"full {ready.Status!.PodIP} 64 hunter2 full-arg", "1234", "2345", "blue", "440", "hunter2", "3456", "settings read-only", "root read-only", "1", "1"],
            lines);

        await node.Api.MergePatchAsync<V1ConfigMap>("default", "settings", new System.Text.Json.Nodes.JsonObject { ["data"] = new System.Text.Json.Nodes.JsonObject { ["color"] = "red" } }, null, CancellationToken.None);
        var file = Path.Combine(node.Scratch.Instance.PodsDirectory, ready.Metadata.Uid!, "volumes", "settings", "color");
        await EventuallyAsync(() => File.ReadAllText(file) == "red");
        await DeleteAsync("full");
    }

    [Fact]
    public async Task A_container_that_ends_is_started_again_in_place_and_remembers()
    {
        await node.CreateAsync(NodeFixture.Shell(
            "again",
            "if [ -e /keep/once ]; then echo second; exec sleep 1000; fi; touch /keep/once; echo first; echo 'last words' > /dev/termination-log; exit 3",
            container => container with { VolumeMounts = [new V1VolumeMount { Name = "keep", MountPath = "/keep" }] },
            spec => spec with { TerminationGracePeriodSeconds = 0, Volumes = [new V1Volume { Name = "keep", EmptyDir = new V1EmptyDirVolumeSource() }] }));
        var pod = await node.WaitAsync("again", pod => pod.Status?.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }]);
        var status = pod.Status!.ContainerStatuses![0];
        Assert.Equal((3, "Error", "last words\n"), (status.LastState!.Terminated!.ExitCode, status.LastState.Terminated.Reason, status.LastState.Terminated.Message));
        Assert.NotEqual(status.ContainerID, status.LastState.Terminated.ContainerID);
        Assert.Equal(["first"], await node.LogAsync(pod, previous: true));
        Assert.Equal(["second"], await WaitForLinesAsync(pod, 1));
        await DeleteAsync("again");
    }

    [Fact]
    public async Task A_container_that_ends_twice_waits_before_the_third_start()
    {
        await node.CreateAsync(NodeFixture.Shell("crash", "exit 1"));
        var pod = await node.WaitAsync("crash", pod => pod.Status?.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }]);
        Assert.StartsWith("back-off 10s restarting failed container=main pod=crash_default(", pod.Status!.ContainerStatuses![0].State!.Waiting!.Message);
        await DeleteAsync("crash");
    }

    [Theory]
    [InlineData("exit 0", "Succeeded", 0)]
    [InlineData("exit 7", "Failed", 7)]
    [InlineData("kill -9 $$; sleep 1 & kill -SEGV $!; wait $!", "Failed", 139)]
    public async Task A_pod_that_is_not_restarted_ends_with_its_code(string script, string phase, int code)
    {
        var name = $"once-{code}";
        await node.CreateAsync(NodeFixture.Shell(name, script, spec: spec => spec with { RestartPolicy = "Never" }));
        var pod = await node.WaitAsync(name, pod => pod.Status?.Phase == phase);
        Assert.Equal(code, pod.Status!.ContainerStatuses![0].State!.Terminated!.ExitCode);
        await DeleteAsync(name);
    }

    [Fact]
    public async Task Init_containers_run_in_order_before_the_others()
    {
        await node.CreateAsync(NodeFixture.Shell("staged", "cat /s/log; exec sleep 1000", Mount, spec => spec with
        {
            TerminationGracePeriodSeconds = 0,
            Volumes = [new V1Volume { Name = "s", EmptyDir = new V1EmptyDirVolumeSource() }],
            InitContainers = [Mount(Init("one", "sleep 0.2; echo 1 >> /s/log")), Mount(Init("side", "echo side >> /s/log; exec sleep 1000") with { RestartPolicy = "Always" }), Mount(Init("two", "echo 2 >> /s/log"))],
        }));
        var pod = await node.WaitAsync("staged", NodeFixture.IsReady);
        var lines = await WaitForLinesAsync(pod, 3);
        Assert.Equal("1", lines[0]);
        Assert.Equal(["1", "2", "side"], lines.Order(StringComparer.Ordinal));
        Assert.NotNull(pod.Status!.InitContainerStatuses![1].State!.Running);
        await DeleteAsync("staged");

        static V1Container Mount(V1Container container) => container with { VolumeMounts = [new V1VolumeMount { Name = "s", MountPath = "/s" }] };
        static V1Container Init(string name, string script) => new() { Name = name, Image = "debian:12", Command = ["sh", "-c", script] };
    }

    [Fact]
    public async Task PreStop_runs_before_the_signal_and_the_grace_period_bounds_both()
    {
        await node.CreateAsync(NodeFixture.Shell(
            "polite",
            "trap 'cat /tmp/hook > /out/end; echo TERM >> /out/end; exit 0' TERM; echo trapped; while :; do sleep 0.05; done",
            container => container with
            {
                Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler { Exec = new V1ExecAction { Command = ["sh", "-c", "sleep 0.2; echo hook > /tmp/hook"] } } },
                VolumeMounts = [new V1VolumeMount { Name = "out", MountPath = "/out" }],
            },
            spec => spec with { Volumes = [new V1Volume { Name = "out", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "out" } }] }));
        await node.WaitAsync("polite", pod => pod.Status is { Phase: "Pending", PodIP: not null });
        var claim = new V1PersistentVolumeClaim
        {
            Metadata = Named("out"),
            Spec = new V1PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"], VolumeName = "v-out", Resources = new V1ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["storage"] = "1Gi" } } },
        };
        await node.Api.CreateAsync(claim, CancellationToken.None);
        await node.Api.MergePatchAsync<V1PersistentVolumeClaim>("default", "out", System.Text.Json.Nodes.JsonNode.Parse("""{"status":{"phase":"Bound"}}""")!.AsObject(), "status", CancellationToken.None);
        await WaitForLinesAsync(await node.WaitAsync("polite", NodeFixture.IsReady), 1);
        await DeleteAsync("polite");
        Assert.Equal(["hook", "TERM"], File.ReadAllLines(Path.Combine(node.Scratch.Instance.VolumesDirectory, "v-out", "end")));

        var stubborn = NodeFixture.Shell("stubborn", "trap '' TERM; while :; do sleep 0.05; done", spec: spec => spec with { TerminationGracePeriodSeconds = 1 });
        await node.CreateAsync(stubborn);
        await node.WaitAsync("stubborn", NodeFixture.IsReady);
        var began = Stopwatch.GetTimestamp();
        await DeleteAsync("stubborn");
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.9, 10);
    }

    [Fact]
    public async Task Probes_gate_readiness_and_a_failed_liveness_restarts()
    {
        await node.CreateAsync(NodeFixture.Shell("probed", "sleep 0.5; touch /tmp/started; while :; do sleep 0.05; done", container => container with
        {
            StartupProbe = Probe("test -e /tmp/started") with { FailureThreshold = 30 },
            ReadinessProbe = Probe("test -e /tmp/ready"),
            LivenessProbe = Probe("test ! -e /tmp/dead"),
        }, spec => spec with { TerminationGracePeriodSeconds = 0 }));
        var started = await node.WaitAsync("probed", pod => pod.Status?.ContainerStatuses is [{ Started: true }]);
        Assert.False(NodeFixture.IsReady(started));
        await node.Api.DeleteAsync<V1Pod>("default", "probed", new DeleteOptions(), CancellationToken.None);
        await node.WaitGoneAsync("probed");

        await node.CreateAsync(NodeFixture.Shell(
            "dying", "[ -e /keep/once ] && exec sleep 1000; touch /keep/once; touch /tmp/dead; while :; do sleep 0.05; done",
            container => container with { LivenessProbe = Probe("test ! -e /tmp/dead"), VolumeMounts = [new V1VolumeMount { Name = "keep", MountPath = "/keep" }] },
            spec => spec with { TerminationGracePeriodSeconds = 0, Volumes = [new V1Volume { Name = "keep", EmptyDir = new V1EmptyDirVolumeSource() }] }));
        var restarted = await node.WaitAsync("dying", pod => pod.Status?.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }]);
        Assert.Equal(137, restarted.Status!.ContainerStatuses![0].LastState!.Terminated!.ExitCode);
        await DeleteAsync("dying");

        static V1Probe Probe(string test) => new() { Exec = new V1ExecAction { Command = ["sh", "-c", test] }, PeriodSeconds = 1, FailureThreshold = 1 };
    }

    [Fact]
    public async Task What_cannot_start_waits_with_the_reason_and_starts_once_it_can()
    {
        await node.CreateAsync(NodeFixture.Shell("noimage", "", container => container with { Image = "redis:99" }));
        var waiting = await node.WaitAsync("noimage", pod => pod.Status?.ContainerStatuses is [{ State.Waiting.Reason: "ErrImagePull" }]);
        Assert.Contains("is not in the local store, which has debian:12", waiting.Status!.ContainerStatuses![0].State!.Waiting!.Message);
        await DeleteAsync("noimage");

        await node.CreateAsync(NodeFixture.Shell("noconfig", "exec sleep 1000", container => container with
        {
            EnvFrom = [new V1EnvFromSource { ConfigMapRef = new V1OptionalReference { Name = "late" } }],
        }, spec => spec with { TerminationGracePeriodSeconds = 0 }));
        waiting = await node.WaitAsync("noconfig", pod => pod.Status?.ContainerStatuses is [{ State.Waiting.Reason: "CreateContainerConfigError" }]);
        Assert.Equal("configmap \"late\" not found", waiting.Status!.ContainerStatuses![0].State!.Waiting!.Message);
        await node.Api.CreateAsync(new V1ConfigMap { Metadata = Named("late") }, CancellationToken.None);
        await node.WaitAsync("noconfig", NodeFixture.IsReady);
        await DeleteAsync("noconfig");

        await node.CreateAsync(NodeFixture.Shell("noprogram", "", container => container with { Command = ["/no/such"] }));
        await node.WaitAsync("noprogram", pod => pod.Status?.ContainerStatuses is [{ State.Terminated.Reason: "StartError" } or { LastState.Terminated.Reason: "StartError" }]);
        await DeleteAsync("noprogram");
    }

    static V1ObjectMeta Named(string name) => new() { Name = name, NamespaceProperty = "default" };

    async Task DeleteAsync(string name)
    {
        await node.Api.DeleteAsync<V1Pod>("default", name, new DeleteOptions(), CancellationToken.None);
        await node.WaitGoneAsync(name);
    }

    async Task<List<string>> WaitForLinesAsync(V1Pod pod, int count)
    {
        List<string> lines = [];
        await EventuallyAsync(async () => (lines = await node.LogAsync(pod)).Count >= count);
        return lines;
    }

    static Task EventuallyAsync(Func<bool> condition) => EventuallyAsync(() => Task.FromResult(condition()));

    /// <summary>For what files show, which nobody tells of.</summary>
    static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < NodeFixture.Patience, "it did not become so");
            await Task.Delay(20);
        }
    }
}
