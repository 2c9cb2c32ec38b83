using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Simulation.Kubernetes.Tests;

public sealed class StatefulSetTests
{
    [Fact]
    public void A_deleted_pod_comes_back_under_its_name_with_another_uid_and_address()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 2);
            await world.UntilAsync(() => world.Pods.Count(KubernetesCase.IsReady) == 2);
            var before = world.Pod("web-0")!;
            await world.DeletePodAsync("web-0");
            await world.UntilAsync(() => world.Pod("web-0") is { } pod && pod.Metadata.Uid != before.Metadata.Uid && KubernetesCase.IsReady(pod));
            Assert.NotEqual(before.Status!.PodIP, world.Pod("web-0")!.Status!.PodIP);
        });
    }

    [Fact]
    public void On_request_a_pod_gets_the_address_that_another_one_had()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1);
            await world.CreateSetAsync("other", 1);
            await world.UntilAsync(() => world.Pods.Count(KubernetesCase.IsReady) == 2);
            var theirs = world.Pod("other-0")!.Status!.PodIP!;
            world.Kubernetes.Addresses.Want("web-0", theirs);
            await world.Kubernetes.User.DeleteAsync<V1StatefulSet>("default", "other", new DeleteOptions(), CancellationToken.None);
            await world.UntilAsync(() => world.Pod("other-0") is null);
            await world.DeletePodAsync("web-0");
            await world.UntilAsync(() => world.Pod("web-0")?.Status?.PodIP == theirs);
        });
    }

    [Fact]
    public void The_status_follows_the_pods_and_a_new_template_reaches_a_pod_only_when_it_is_deleted()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 2);
            await world.UntilAsync(() => world.Set("web")!.Status is { ReadyReplicas: 2, AvailableReplicas: 2, Replicas: 2, ObservedGeneration: 1 });
            var first = world.Set("web")!.Status!.CurrentRevision;
            var template = JsonNode.Parse("""{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":11}}}}""")!.AsObject();
            await world.Kubernetes.User.MergePatchAsync<V1StatefulSet>("default", "web", template, null, CancellationToken.None);
            await world.UntilAsync(() => world.Set("web")!.Status is { ObservedGeneration: 2, UpdatedReplicas: null or 0 } status && status.UpdateRevision != first && status.CurrentRevision == first);
            await world.DeletePodAsync("web-1");
            await world.UntilAsync(() => world.Set("web")!.Status is { UpdatedReplicas: 1, ReadyReplicas: 2 });
            Assert.Equal(world.Set("web")!.Status!.UpdateRevision, world.Pod("web-1")!.Metadata.Labels!["controller-revision-hash"]);
            Assert.Equal(first, world.Pod("web-0")!.Metadata.Labels!["controller-revision-hash"]);
        });
    }

    [Fact]
    public void Claims_and_what_is_on_them_outlive_pods_and_the_set_and_are_gone_with_the_claim()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, hasClaims: true);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            world.Containers.Newest["web-0"].Start.Volumes["data"].TryWrite("file", "content");
            await world.DeletePodAsync("web-0");
            await world.UntilAsync(() => world.Containers.Newest["web-0"].End is null && KubernetesCase.IsReady(world.Pod("web-0")));
            Assert.Equal("content", world.Containers.Newest["web-0"].Start.Volumes["data"].Read("file"));

            await world.Kubernetes.User.DeleteAsync<V1StatefulSet>("default", "web", new DeleteOptions(), CancellationToken.None);
            await world.UntilAsync(() => world.Pods.Count == 0);
            await world.Kubernetes.User.DeleteAsync<V1PersistentVolumeClaim>("default", "data-web-0", new DeleteOptions(), CancellationToken.None);
            await world.CreateSetAsync("web", 1, hasClaims: true);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            Assert.Null(world.Containers.Newest["web-0"].Start.Volumes["data"].Read("file"));
        });
    }

    [Fact]
    public void A_claim_that_a_pod_uses_waits_for_it()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 1, hasClaims: true);
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")));
            var claim = new NamespacedName("default", "data-web-0");
            var uid = world.Kubernetes.Caches.Claims.Get(claim)!.Metadata.Uid;
            await world.Kubernetes.User.DeleteAsync<V1PersistentVolumeClaim>("default", "data-web-0", new DeleteOptions(), CancellationToken.None);
            await world.PassAsync(5);
            Assert.NotNull(world.Kubernetes.Caches.Claims.Get(claim)!.Metadata.DeletionTimestamp);
            await world.DeletePodAsync("web-0");
            await world.UntilAsync(() => KubernetesCase.IsReady(world.Pod("web-0")) && world.Kubernetes.Caches.Claims.Get(claim)?.Metadata.Uid != uid);
        });
    }

    [Fact]
    public void Pods_that_are_orphaned_live_on_and_are_adopted_by_a_new_set()
    {
        var world = new KubernetesCase();
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 2);
            await world.UntilAsync(() => world.Pods.Count(KubernetesCase.IsReady) == 2);
            var uids = world.Pods.Select(pod => pod.Metadata.Uid).ToList();
            await world.Kubernetes.User.DeleteAsync<V1StatefulSet>("default", "web", new DeleteOptions { PropagationPolicy = "Orphan" }, CancellationToken.None);
            await world.UntilAsync(() => world.Set("web") is null && world.Pods.All(pod => pod.Metadata.OwnerReferences is null or { Count: 0 }));
            await world.CreateSetAsync("web", 2);
            await world.UntilAsync(() => world.Pods.All(pod => pod.Metadata.OwnerReferences is [{ Controller: true }]));
            Assert.Equal(uids, world.Pods.Select(pod => pod.Metadata.Uid));
        });
    }

    [Fact]
    public void A_set_that_is_deleted_in_the_foreground_goes_after_its_pods()
    {
        var world = new KubernetesCase();
        world.Containers.Started = container => container.PreStop = done => world.Simulator.After(TimeSpan.FromSeconds(3), done);
        world.Run(async () =>
        {
            await world.CreateSetAsync("web", 2, spec => spec with { Containers = [spec.Containers[0] with { Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler() } }] });
            await world.UntilAsync(() => world.Pods.Count(KubernetesCase.IsReady) == 2);
            await world.Kubernetes.User.DeleteAsync<V1StatefulSet>("default", "web", new DeleteOptions { PropagationPolicy = "Foreground" }, CancellationToken.None);
            await world.PassAsync(2);
            Assert.NotNull(world.Set("web")!.Metadata.DeletionTimestamp);
            await world.UntilAsync(() => world.Set("web") is null);
            Assert.Empty(world.Pods);
        });
    }
}
