using System.Text;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Tests;

public sealed class KubeletTests
{
    [Fact]
    public void A_container_that_ends_is_started_again_in_place_later_each_time_and_the_status_says_how()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, WithEmptyDir);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var (uid, first) = (world.Pod("web-0")!.Metadata.Uid, Status(world));
            world.Containers.Newest["web-0"].Start.Volumes["tmp"].TryWrite("file", "content");
            var ended = world.Simulator.Time.GetUtcNow();
            world.Containers.Newest["web-0"].Finish(new ContainerEnd(3, "Error", "no more"));
            await world.UntilAsync(() => Status(world) is { RestartCount: 1, Ready: true }, within: 5);

            var second = Status(world);
            Assert.Equal(uid, world.Pod("web-0")!.Metadata.Uid);
            Assert.NotEqual(first.ContainerID, second.ContainerID);
            Assert.Equal((3, "Error", "no more", first.ContainerID), (second.LastState!.Terminated!.ExitCode, second.LastState.Terminated.Reason, second.LastState.Terminated.Message, second.LastState.Terminated.ContainerID));
            Assert.True((second.LastState.Terminated.FinishedAt!.Value - ended).Duration() <= TimeSpan.FromSeconds(1));
            Assert.Equal("content", world.Containers.Newest["web-0"].Start.Volumes["tmp"].Read("file"));

            world.Containers.Newest["web-0"].Finish(new ContainerEnd(1, "Error", ""));
            await world.UntilAsync(() => Status(world).State?.Waiting?.Reason == "CrashLoopBackOff", within: 4);
            var at = world.Simulator.Now;
            await world.UntilAsync(() => Status(world) is { RestartCount: 2, Ready: true }, within: 14);
            Assert.True(world.Simulator.Now - at > TimeSpan.FromSeconds(7));
            await world.DeletePodAsync("web-0");
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")) && world.Pod("web-0")!.Metadata.Uid != uid);
            Assert.Null(world.Containers.Newest["web-0"].Start.Volumes["tmp"].Read("file"));
        });
    }

    [Fact]
    public void A_pod_that_is_deleted_gets_its_preStop_hook_then_SIGTERM_and_is_killed_when_its_time_is_up()
    {
        var world = new KubernetesCase();
        var hooks = 0;
        world.Containers.Started = container =>
        {
            container.IsStubborn = true;
            container.PreStop = done =>
            {
                hooks++;
                world.Simulator.After(TimeSpan.FromSeconds(2), done);
            };
        };
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, spec => spec with { Containers = [spec.Containers[0] with { Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler() } }] });
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var container = world.Containers.Newest["web-0"];
            await world.DeletePodAsync("web-0");
            await world.PassAsync(9.5);
            Assert.Equal((1, null), (hooks, container.End));
            Assert.NotNull(world.Pod("web-0")!.Metadata.DeletionTimestamp);
            await world.PassAsync(1);
            Assert.Equal(137, container.End?.ExitCode);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")) && world.Containers.Newest["web-0"] != container, within: 10);
        });
    }

    [Fact]
    public void The_process_of_a_pod_that_is_deleted_by_force_lives_on_for_a_moment_beside_its_successor()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var container = world.Containers.Newest["web-0"];
            container.IsStubborn = true;
            await world.DeletePodAsync("web-0", grace: 0);
            Assert.Null(world.Pod("web-0"));
            Assert.Null(container.End);
            await world.UntilAsync(() => container.End is not null, within: 10);
        });
    }

    [Fact]
    public void An_image_that_does_not_exist_is_named_and_a_pod_without_a_host_says_why()
    {
        var world = new KubernetesCase();
        world.Kubernetes.SetMissing("redis:7.0", isMissing: true);
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1);
            await world.CreateSetAsync("far", 1, spec => spec with { NodeSelector = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["disk"] = "none" } });
            await world.UntilAsync(() => Status(world).State?.Waiting?.Reason == "ErrImagePull", within: 10);
            await world.UntilAsync(() => Status(world).State?.Waiting?.Reason == "ImagePullBackOff", within: 10);
            Assert.Contains(world.Pod("far-0")!.Status!.Conditions!, condition => condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" });
            world.Kubernetes.SetMissing("redis:7.0", isMissing: false);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")), within: 40);
        });
    }

    [Fact]
    public void A_readiness_probe_that_fails_as_often_as_it_may_makes_a_pod_unready_and_a_liveness_probe_restarts_its_container()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, spec => spec with
            {
                Containers = [spec.Containers[0] with { StartupProbe = Probe(1, 3), ReadinessProbe = Probe(2, 2), LivenessProbe = Probe(5, 2) }],
            });
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var container = world.Containers.Newest["web-0"];
            container.Fails.Add("readiness");
            await world.PassAsync(1);
            Assert.True(KubernetesCase.IsReady(world.Pod("web-0")));
            await world.UntilAsync(() => !KubernetesCase.IsReady(world.Pod("web-0")), within: 6);
            container.Fails.Clear();
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")), within: 5);
            container.Fails.Add("liveness");
            await world.UntilAsync(() => container.End is not null, within: 12);
            await world.UntilAsync(() => Status(world) is { RestartCount: 1, Ready: true }, within: 6);
        });
    }

    [Fact]
    public void A_startup_probe_that_never_succeeds_restarts_the_container_and_the_others_wait_for_it()
    {
        var world = new KubernetesCase();
        world.Containers.Started = container => container.Fails.Add("startup");
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, spec => spec with { Containers = [spec.Containers[0] with { StartupProbe = Probe(1, 5), ReadinessProbe = Probe(1, 1) }] });
            await world.UntilAsync(() => world.Pod("web-0") is not null && Status(world).RestartCount == 1);
            Assert.False(Status(world).Started);
            Assert.False(KubernetesCase.IsReady(world.Pod("web-0")));
        });
    }

    [Fact]
    public void Files_of_objects_follow_within_a_minute_and_those_of_the_pod_itself_sooner()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.Kubernetes.User.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "settings", NamespaceProperty = "default" }, Data = Map("one") }, CancellationToken.None);
            await world.Kubernetes.User.CreateAsync(
                new V1Secret { Metadata = new V1ObjectMeta { Name = "secret", NamespaceProperty = "default" }, Data = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { ["key"] = Encoding.UTF8.GetBytes("hidden") } },
                CancellationToken.None);
            await world.CreateSetAsync("web", 1, spec => spec with
            {
                Volumes =
                [
                    new V1Volume { Name = "settings", ConfigMap = new V1ConfigMapVolumeSource { Name = "settings" } },
                    new V1Volume { Name = "secret", Secret = new V1SecretVolumeSource { SecretName = "secret" } },
                    new V1Volume
                    {
                        Name = "pod",
                        DownwardAPI = new V1DownwardAPIVolumeSource { Items = [new V1DownwardAPIVolumeFile { Path = "note", FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.annotations['note']" } }] },
                    },
                ],
            });
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var read = world.Containers.Newest["web-0"].Start.ReadFile;
            Assert.Equal(("one", "hidden", ""), (read("settings", "key"), read("secret", "key"), read("pod", "note")));

            await world.Kubernetes.User.MergePatchAsync<V1ConfigMap>("default", "settings", JsonNode.Parse("""{"data":{"key":"two"}}""")!.AsObject(), null, CancellationToken.None);
            await world.Kubernetes.User.MergePatchAsync<V1Pod>("default", "web-0", JsonNode.Parse("""{"metadata":{"annotations":{"note":"read me"}}}""")!.AsObject(), null, CancellationToken.None);
            Assert.Equal("one", read("settings", "key"));
            await world.UntilAsync(() => read("pod", "note") == "read me", within: 3);
            await world.UntilAsync(() => read("settings", "key") == "two", within: 62);
        });
    }

    static V1ContainerStatus Status(KubernetesCase world) => world.Pod("web-0")?.Status?.ContainerStatuses is [var status] ? status : new V1ContainerStatus { Name = "none" };

    static SortedDictionary<string, string> Map(string value) => new(StringComparer.Ordinal) { ["key"] = value };

    static V1Probe Probe(int period, int threshold) => new() { Exec = new V1ExecAction { Command = ["probe"] }, PeriodSeconds = period, FailureThreshold = threshold };

    static V1PodSpec WithEmptyDir(V1PodSpec spec) => spec with { Volumes = [new V1Volume { Name = "tmp", EmptyDir = new V1EmptyDirVolumeSource() }] };
}
