using System.Diagnostics;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Claims;
using Slotwise.LocalKubernetes.Controllers.Endpoints;
using Slotwise.LocalKubernetes.Tests.Nodes;

namespace Slotwise.LocalKubernetes.Tests.Controllers;

/// <summary>Controllers and a real node together: needs root, iproute2 and bubblewrap.</summary>
public sealed class ClusterTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    [Fact]
    public async Task A_set_becomes_pods_with_claims_and_endpoints_and_its_deletion_takes_the_pods_and_leaves_the_claims()
    {
        await cluster.Api.CreateAsync(
            new V1Service
            {
                Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" },
                Spec = new V1ServiceSpec { ClusterIP = "None", Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new V1ServicePort { Port = 80 }] },
            },
            CancellationToken.None);
        var began = Stopwatch.GetTimestamp();
        await cluster.Api.CreateAsync(ClusterFixture.Set("web", 6, spec => spec with { VolumeClaimTemplates = [Claim("data")] }), CancellationToken.None);
        await cluster.WaitAsync<V1StatefulSet>(sets => sets.Any(set => set is { Metadata.Name: "web", Status.ReadyReplicas: 6 }));
        TestContext.Current.SendDiagnosticMessage($"6 pods of a set ready after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");

        var pods = await cluster.WaitAsync<V1Pod>(pods => pods.Count == 6, "app=web");
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"web-{i}"), pods.Select(pod => pod.Metadata.Name));
        Assert.Equal("3", pods[3].Metadata.Labels!["apps.kubernetes.io/pod-index"]);
        var slices = await cluster.WaitAsync<V1EndpointSlice>(slices => slices.Any(slice => slice.Endpoints?.Count(endpoint => endpoint.Conditions?.Ready == true) == 6), "kubernetes.io/service-name=web");
        Assert.Equal("web-2", slices[0].Endpoints![2].Hostname);
        var lists = await cluster.WaitAsync<EndpointsDocument>(lists => lists.Any(list => list.Subsets is [{ Addresses.Count: 6 }]));
        Assert.Equal(slices[0].Endpoints!.Select(endpoint => endpoint.Addresses[0]), lists.Single(list => list.Metadata.Name == "web").Subsets![0].Addresses!.Select(address => address.Ip));

        await cluster.Api.DeleteAsync<V1Pod>("default", "web-2", new DeleteOptions(), CancellationToken.None);
        await cluster.WaitAsync<V1Pod>(now => now.Count == 6 && now[2].Metadata.Uid != pods[2].Metadata.Uid && now.All(NodeFixture.IsReady), "app=web");

        await cluster.Api.DeleteAsync<V1StatefulSet>("default", "web", new DeleteOptions(), CancellationToken.None);
        await cluster.WaitAsync<V1Pod>(now => now.Count == 0, "app=web");
        var claims = await cluster.WaitAsync<V1PersistentVolumeClaim>(claims => claims.Count(claim => claim.Status?.Phase == "Bound") == 6, "app=web");
        Assert.All(claims, claim => Assert.True(Directory.Exists(Path.Combine(cluster.Scratch.Instance.VolumesDirectory, claim.Spec!.VolumeName!))));

        await cluster.Api.DeleteAsync<V1PersistentVolumeClaim>("default", "data-web-0", new DeleteOptions(), CancellationToken.None);
        await cluster.WaitAsync<V1PersistentVolumeClaim>(now => now.Count == 5, "app=web");
        await cluster.WaitAsync<VolumeDocument>(volumes => volumes.All(volume => volume.Metadata.Name != claims[0].Spec!.VolumeName));
        Assert.False(Directory.Exists(Path.Combine(cluster.Scratch.Instance.VolumesDirectory, claims[0].Spec!.VolumeName!)));
    }

    [Fact]
    public async Task An_ordered_set_grows_and_shrinks_one_by_one_and_rolls_to_a_new_template()
    {
        await cluster.Api.CreateAsync(ClusterFixture.Set("ordered", 3, spec => spec with { PodManagementPolicy = "OrderedReady" }), CancellationToken.None);
        var before = await cluster.WaitAsync<V1Pod>(pods => pods.Count(NodeFixture.IsReady) == 3, "app=ordered");
        Assert.True(before[0].Status!.StartTime <= before[2].Status!.StartTime);

        var patch = JsonNode.Parse("""{"spec":{"template":{"metadata":{"annotations":{"v":"2"}}}}}""")!.AsObject();
        await cluster.Api.MergePatchAsync<V1StatefulSet>("default", "ordered", patch, null, CancellationToken.None);
        await cluster.WaitAsync<V1Pod>(pods => pods.Count(pod => NodeFixture.IsReady(pod) && pod.Metadata.Annotations?.GetValueOrDefault("v") == "2") == 3, "app=ordered");
        var rolled = await cluster.WaitAsync<V1StatefulSet>(sets => sets.Any(set => set.Metadata.Name == "ordered" && set.Status is { UpdatedReplicas: 3, ReadyReplicas: 3 } status && status.CurrentRevision == status.UpdateRevision));
        Assert.Equal(2, rolled.Single(set => set.Metadata.Name == "ordered").Status!.ObservedGeneration);

        await cluster.Api.MergePatchAsync<V1StatefulSet>("default", "ordered", JsonNode.Parse("""{"spec":{"replicas":1}}""")!.AsObject(), null, CancellationToken.None);
        var left = await cluster.WaitAsync<V1Pod>(pods => pods.Count == 1, "app=ordered");
        Assert.Equal("ordered-0", left[0].Metadata.Name);
        await cluster.Api.DeleteAsync<V1StatefulSet>("default", "ordered", new DeleteOptions { PropagationPolicy = "Orphan" }, CancellationToken.None);
        await cluster.WaitAsync<V1StatefulSet>(sets => !sets.Any(set => set.Metadata.Name == "ordered"));
        var orphan = await cluster.WaitAsync<V1Pod>(pods => pods is [{ Metadata.OwnerReferences: null or [] }], "app=ordered");

        await cluster.Api.CreateAsync(ClusterFixture.Set("ordered", 1, spec => spec with { PodManagementPolicy = "OrderedReady", UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "OnDelete" } }), CancellationToken.None);
        var adopted = await cluster.WaitAsync<V1Pod>(pods => pods is [{ Metadata.OwnerReferences: [_] }], "app=ordered");
        Assert.Equal(orphan[0].Metadata.Uid, adopted[0].Metadata.Uid);
        await cluster.Api.DeleteAsync<V1StatefulSet>("default", "ordered", new DeleteOptions { PropagationPolicy = "Foreground" }, CancellationToken.None);
        await cluster.WaitAsync<V1StatefulSet>(sets => !sets.Any(set => set.Metadata.Name == "ordered"));

        // Not at the same moment: the collector may not have heard of the adoption yet when the set was asked to wait for its pods, as in Kubernetes.
        await cluster.WaitAsync<V1Pod>(pods => pods.Count == 0, "app=ordered");
    }

    [Fact]
    public async Task A_set_without_pods_keeps_its_claims_and_finds_what_is_in_them_again()
    {
        await cluster.Api.CreateAsync(ClusterFixture.Set("idle", 2, spec => spec with { VolumeClaimTemplates = [Claim("data")] }), CancellationToken.None);
        await cluster.WaitAsync<V1Pod>(pods => pods.Count(NodeFixture.IsReady) == 2, "app=idle");
        var claims = await cluster.WaitAsync<V1PersistentVolumeClaim>(claims => claims.Count == 2, "app=idle");
        await File.WriteAllTextAsync(Path.Combine(cluster.Scratch.Instance.VolumesDirectory, claims[1].Spec!.VolumeName!, "kept"), "yes");

        await ScaleAsync(0);
        await cluster.WaitAsync<V1Pod>(pods => pods.Count == 0, "app=idle");
        var none = await cluster.WaitAsync<V1StatefulSet>(sets => sets.Any(set => set is { Metadata.Name: "idle", Status.Replicas: 0 } && set.Status.ObservedGeneration == set.Metadata.Generation));
        Assert.Equal(0, none.Single(set => set.Metadata.Name == "idle").Status!.ReadyReplicas ?? 0);

        await ScaleAsync(2);
        var again = await cluster.WaitAsync<V1Pod>(pods => pods.Count(NodeFixture.IsReady) == 2, "app=idle");
        Assert.Equal("data-idle-1", again[1].Spec!.Volumes!.Single(volume => volume.Name == "data").PersistentVolumeClaim!.ClaimName);
        var kept = await cluster.WaitAsync<V1PersistentVolumeClaim>(now => now.Count == 2, "app=idle");
        Assert.Equal(claims.Select(claim => claim.Metadata.Uid), kept.Select(claim => claim.Metadata.Uid));
        Assert.Equal("yes", await File.ReadAllTextAsync(Path.Combine(cluster.Scratch.Instance.VolumesDirectory, kept[1].Spec!.VolumeName!, "kept")));
        await cluster.Api.DeleteAsync<V1StatefulSet>("default", "idle", new DeleteOptions(), CancellationToken.None);

        Task ScaleAsync(int replicas) =>
            cluster.Api.MergePatchAsync<V1StatefulSet>("default", "idle", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }, null, CancellationToken.None);
    }

    static V1PersistentVolumeClaim Claim(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            Resources = new V1ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["storage"] = "1Gi" } },
        },
    };
}
