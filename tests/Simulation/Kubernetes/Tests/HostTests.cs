using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Tests;

public sealed class HostTests
{
    [Fact]
    public void The_pods_of_a_host_without_power_are_unready_after_40_s_and_Terminating_until_it_is_back()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var (before, container) = (world.Pod("web-0")!, world.Containers.Newest["web-0"]);
            var host = world.HostOf("web-0");
            host.TurnOff();
            Assert.NotNull(container.End);
            await world.PassAsync(30);
            Assert.True(KubernetesCase.IsReady(world.Pod("web-0")));
            await world.UntilAsync(() => !KubernetesCase.IsReady(world.Pod("web-0")), within: 25);
            Assert.Equal("Unknown", world.Kubernetes.Caches.Nodes.Get(new NamespacedName("", host.Name))!.Status!.Conditions!.Single(condition => condition.Type == "Ready").Status);

            await world.UntilAsync(() => world.Pod("web-0")!.Metadata.DeletionTimestamp is not null, within: 320);
            await world.PassAsync(60);
            Assert.Equal(before.Metadata.Uid, world.Pod("web-0")!.Metadata.Uid);
            host.TurnOn();
            await world.UntilAsync(() => world.Pod("web-0") is { } pod && pod.Metadata.Uid != before.Metadata.Uid && KubernetesCase.IsReady(pod));
        });
    }

    [Fact]
    public void A_host_that_is_back_soon_starts_its_pods_again_in_place_with_what_was_on_its_disk()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, spec => spec with { Volumes = [new V1Volume { Name = "tmp", EmptyDir = new V1EmptyDirVolumeSource() }] });
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var before = world.Pod("web-0")!;
            world.Containers.Newest["web-0"].Start.Volumes["tmp"].TryWrite("file", "content");
            var host = world.HostOf("web-0");
            host.TurnOff();
            await world.PassAsync(5);
            host.TurnOn();
            await world.UntilAsync(() => world.Pod("web-0")!.Status!.ContainerStatuses is [{ RestartCount: 1, Ready: true }]);
            var after = world.Pod("web-0")!;
            Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
            Assert.NotEqual(before.Status!.ContainerStatuses![0].ContainerID, after.Status!.ContainerStatuses![0].ContainerID);
            Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, after.Status.ContainerStatuses[0].LastState!.Terminated!.ContainerID);
            Assert.Equal("content", world.Containers.Newest["web-0"].Start.Volumes["tmp"].Read("file"));
        });
    }

    [Fact]
    public void A_host_that_is_out_of_service_gives_up_its_pods_and_disks()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, hasClaims: true);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            world.Containers.Newest["web-0"].Start.Volumes["data"].TryWrite("file", "content");
            var host = world.HostOf("web-0");
            host.TurnOff();
            await world.UntilAsync(() => !KubernetesCase.IsReady(world.Pod("web-0")));
            var taint = JsonNode.Parse("""{"spec":{"taints":[{"key":"node.kubernetes.io/out-of-service","effect":"NoExecute"}]}}""")!.AsObject();
            await world.Kubernetes.User.MergePatchAsync<V1Node>(null, host.Name, taint, null, CancellationToken.None);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")) && world.Pod("web-0")!.Spec!.NodeName != host.Name, within: 90);
            Assert.Equal("content", world.Containers.Newest["web-0"].Start.Volumes["data"].Read("file"));
        });
    }

    [Fact]
    public void The_pods_of_a_host_whose_Node_is_deleted_are_collected_and_come_back_elsewhere()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var host = world.HostOf("web-0");
            host.TurnOff();
            await world.Kubernetes.User.DeleteAsync<V1Node>(null, host.Name, new DeleteOptions(), CancellationToken.None);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")) && world.Pod("web-0")!.Spec!.NodeName != host.Name, within: 120);
        });
    }

    [Fact]
    public void The_processes_of_a_host_that_is_cut_off_from_the_API_server_live_on_and_their_status_stands_still()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var host = world.HostOf("web-0");
            world.Network.Cut(host.Name, Network.ApiServer);
            world.Containers.Newest["web-0"].Finish(new ContainerEnd(1, "Error", ""));
            await world.PassAsync(20);
            Assert.Null(world.Containers.Newest["web-0"].End);
            Assert.Equal(0, world.Pod("web-0")!.Status!.ContainerStatuses![0].RestartCount);
            world.Network.MendAll();
            await world.UntilAsync(() => world.Pod("web-0")!.Status!.ContainerStatuses is [{ RestartCount: 1, Ready: true }], within: 20);
        });
    }

    [Fact]
    public void A_drain_moves_pods_to_other_hosts_one_at_a_time_where_a_budget_says_so()
    {
        var world = new KubernetesCase(hosts: 2);
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 4);
            await world.Kubernetes.User.CreateAsync(
                new V1PodDisruptionBudget
                {
                    Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" },
                    Spec = new V1PodDisruptionBudgetSpec { MaxUnavailable = 1, Selector = new V1LabelSelector { MatchLabels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["app"] = "web" } } },
                },
                CancellationToken.None);
            await world.UntilAsync(() => world.Kubernetes.Caches.Budgets.Get(new NamespacedName("default", "web"))?.Status is { DisruptionsAllowed: 1, CurrentHealthy: 4 });
            var host = world.Kubernetes.Hosts[0];
            var mine = world.Pods.Where(pod => pod.Spec!.NodeName == host.Name).Select(pod => pod.Metadata.Name!).ToList();
            Assert.True(mine.Count > 1);
            world.Kubernetes.Drain(host.Name);
            Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, Assert.Throws<KubernetesApiException>(() => world.Kubernetes.Evict("default", mine[^1])).Code);
            var most = 0;
            await world.UntilAsync(() =>
            {
                most = Math.Max(most, 4 - world.Pods.Count(KubernetesCase.IsReady));
                return world.Pods.Count(pod => KubernetesCase.IsReady(pod) && pod.Spec!.NodeName != host.Name) == 4;
            });
            Assert.Equal(1, most);
            world.Kubernetes.Cordon(host.Name, isCordoned: false);
        });
    }
}
