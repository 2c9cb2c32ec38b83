using System.Net;
using System.Text.Json;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes;

/// <summary>What the user asks for and cannot have is said, and never half carried out.</summary>
public sealed class SpecTests
{
    [Fact]
    public async Task A_directive_that_the_operator_owns_is_refused_by_name()
    {
        var cluster = ClusterWorld.NewCluster();
        var world = new ClusterWorld(checksRules: false);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Config = new SortedDictionary<string, IntOrString> { ["port"] = 7000 } } });

        await world.PassAsync();

        Assert.Equal("InvalidSpec", world.Condition("Stalled").Reason);
        Assert.Contains("spec.config.port", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal("InvalidSpec", world.Condition("Ready").Reason);
        Assert.Empty(world.Caches.StatefulSets.List());
    }

    /// <summary>A namespace's deletion may come to StatefulSets before it comes to the RedisCluster, which then looks at each of them going. That is nobody's to decide.</summary>
    [Fact]
    public async Task What_a_namespace_that_is_being_deleted_refuses_is_no_trouble_of_the_cluster()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        var cause = new V1StatusCause { Reason = V1StatusCause.NamespaceTerminating };
        var refusal = new KubernetesApiException(HttpStatusCode.Forbidden, new V1Status { Reason = "Forbidden", Details = new V1StatusDetails { Causes = [cause] } });
        world.Api.BeforeApply = obj =>
        {
            if (obj is not RedisCluster)
            {
                throw refusal;
            }
        };

        await world.PassAsync();

        Assert.Equal("False", world.Condition("Stalled").Status);
        Assert.DoesNotContain(world.Events, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    /// <summary>Cluster <c>x</c> needs the Service <c>x-nodes</c>, which is the client Service of a cluster of that name.</summary>
    [Fact]
    public async Task An_object_of_another_cluster_is_a_question_for_the_user()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.CreateStrangerAsync("orders-nodes", new V1OwnerReference { ApiVersion = "redis.slotwise.dev/v1beta1", Kind = "RedisCluster", Name = "orders-nodes", Uid = "another", Controller = true });

        await world.PassAsync();

        Assert.Contains("belongs to RedisCluster orders-nodes: give the cluster another name", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5Gi", "fast", "spec.storage.size")]
    [InlineData("10Gi", "slow", "spec.storage.storageClassName")]
    public async Task Volumes_do_not_shrink_nor_change_their_class(string size, string storageClass, string field)
    {
        var cluster = ClusterWorld.NewCluster();
        var world = new ClusterWorld(checksRules: false);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Storage = new RedisClusterStorage { Size = "10Gi", StorageClassName = "fast" } } });
        await world.PassAsync();

        await world.ChangeAsync(spec => spec with { Storage = new RedisClusterStorage { Size = size, StorageClassName = storageClass } });
        await world.PassAsync();

        Assert.Equal("InvalidSpec", world.Condition("Stalled").Reason);
        Assert.Contains(field, world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Volumes_are_not_added_later()
    {
        var world = new ClusterWorld(checksRules: false);
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.PassAsync();

        await world.ChangeAsync(spec => spec with { Storage = new RedisClusterStorage { Size = "10Gi" } });
        await world.PassAsync();

        Assert.Equal("InvalidSpec", world.Condition("Stalled").Reason);
        Assert.Contains("spec.storage", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    /// <summary>A running cluster is neither changed nor given up for a spec that cannot be carried out.</summary>
    [Fact]
    public async Task A_cluster_whose_spec_cannot_be_carried_out_is_still_healed()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();
        await world.ChangeAsync(spec => spec with { PodTemplate = JsonElement.Parse("""{"spec":{"containers":{"name":"x"}}}"""), Config = new SortedDictionary<string, IntOrString> { ["hz"] = 20 } });

        await world.PassAsync();
        Assert.Contains("spec.podTemplate.spec.containers: set:", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal("True", world.Condition("Ready").Status);

        await world.DeletePodAsync("orders-1-1");
        for (var round = 0; round < 20; round++)
        {
            await world.RoundAsync();
        }

        Assert.Equal("True", world.Condition("Ready").Status);
        Assert.DoesNotContain("hz 20", world.RedisConf, StringComparison.Ordinal);
    }

    /// <summary>An API server does not say of a field that it does not know that it is the request's fault.</summary>
    [Fact]
    public async Task A_field_of_a_pod_that_the_API_server_does_not_know_waits_for_a_decision()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();
        const string Words = "failed to create typed patch object (default/orders-0; apps/v1, Kind=StatefulSet): .spec.template.spec.foo: field not declared in schema";
        world.Api.BeforeApply = obj =>
        {
            if (obj is V1StatefulSet)
            {
                throw new KubernetesApiException(HttpStatusCode.InternalServerError, new V1Status { Message = Words });
            }
        };

        await world.ChangeAsync(spec => spec with { PodTemplate = JsonElement.Parse("""{"spec":{"foo":"bar"}}""") });
        await world.PassAsync();

        Assert.Equal("TemplateRefused", world.Condition("Stalled").Reason);
        Assert.Contains(Words, world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Contains("correct what of the spec makes the pod", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_object_of_ours_is_put_right()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();

        await world.SpoilServiceAsync("orders");
        await world.PassAsync();

        var service = world.Caches.Services.Get(new NamespacedName("default", "orders"))!;
        Assert.Equal("orders", service.Spec!.Selector![RedisClusterLabels.Cluster]);
    }
}
