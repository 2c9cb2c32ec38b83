using System.Text.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities.Tests;

public sealed class RedisClusterJsonTests
{
    const string Smallest = """{"metadata":{"name":"orders"},"spec":{"shards":3,"image":"redis:7.0"}}""";

    [Fact]
    public void Absent_fields_have_their_defaults()
    {
        var cluster = Read(Smallest);

        Assert.Equal("redis.slotwise.dev/v1beta1", cluster.ApiVersion);
        Assert.Equal("RedisCluster", cluster.Kind);
        Assert.Equal(1, cluster.Spec.ReplicasPerShard);
        Assert.Equal(90, cluster.Spec.TerminationGracePeriodSeconds);
        Assert.Empty(cluster.Spec.Config);
        Assert.Empty(cluster.Spec.ImagePullSecrets);
        Assert.Empty(cluster.Spec.Users);
        Assert.Null(cluster.Spec.Storage);
        Assert.Equal(75, cluster.Spec.EffectiveMaxMemoryPercent);
        Assert.Equal(Spread.Preferred, cluster.Spec.Scheduling.Hosts);
        Assert.True(cluster.Spec.Scheduling.Respread);
        Assert.Equal(new RedisClusterUpdate { MaxParallelShards = 1 }, cluster.Spec.Update);
        Assert.Equal(new RedisClusterRebalance { MaxParallelMoves = 4, TolerancePercent = 2 }, cluster.Spec.Rebalance);
        Assert.Equal(new RedisClusterRecovery { QuorumLoss = QuorumLossPolicy.Auto, LostSlots = LostSlotsPolicy.Manual }, cluster.Spec.Recovery);
    }

    [Theory]
    [InlineData("config")]
    [InlineData("scheduling")]
    [InlineData("update")]
    [InlineData("rebalance")]
    [InlineData("recovery")]
    [InlineData("resources")]
    [InlineData("users")]
    [InlineData("imagePullSecrets")]
    public void An_explicit_null_means_the_default(string field) =>
        Assert.Equal(
            Write(Read(Smallest)),
            Write(Read(Smallest.Replace("\"image\"", $"\"{field}\":null,\"image\"", StringComparison.Ordinal))));

    [Fact]
    public void A_zero_that_was_written_stays_a_zero() =>
        Assert.Equal(0, Read("""{"metadata":{"name":"orders"},"spec":{"shards":3,"image":"redis:7.0","replicasPerShard":0}}""").Spec.ReplicasPerShard);

    [Fact]
    public void Storage_lowers_the_share_of_memory()
    {
        var spec = new RedisClusterSpec { Shards = 3, Image = "redis:7.0", Storage = new RedisClusterStorage { Size = "1Gi" } };

        Assert.Equal(60, spec.EffectiveMaxMemoryPercent);
        Assert.Equal(80, (spec with { MaxMemoryPercent = 80 }).EffectiveMaxMemoryPercent);
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        const string Text = """
            {"apiVersion":"redis.slotwise.dev/v1beta1","kind":"RedisCluster","metadata":{"name":"orders","labels":{"Team":"Shop"}},
             "spec":{"shards":5,"replicasPerShard":2,"image":"redis:7.0","imagePullPolicy":"IfNotPresent","imagePullSecrets":[{"name":"registry"}],
              "resources":{"limits":{"memory":"1Gi"}},"paused":true,"storage":{"size":"10Gi","storageClassName":"fast","whenDeleted":"Delete","whenScaled":"Retain"},
              "config":{"maxmemory-policy":"allkeys-lru","maxmemory-samples":5},"maxMemoryPercent":70,"terminationGracePeriodSeconds":120,
              "scheduling":{"nodeSelector":{"disk":"ssd"},"hosts":"Required","zones":"None","respread":false},
              "podTemplate":{"metadata":{"labels":{"a":"b"}},"spec":{"unknownToUs":[1,2.5]}},
              "rebalance":{"mode":"Manual","maxParallelMoves":2,"tolerancePercent":0},"update":{"maxParallelShards":3,"paused":true},
              "recovery":{"quorumLoss":"Manual","lostSlots":"Reassign"}},
             "status":{"observedGeneration":4,"conditions":[{"type":"Ready","status":"True"}],"shardCount":5,"slotsAssigned":16384,"readyNodes":15,"ready":"15/15",
              "slots":"16384/16384","shards":[{"index":0,"master":"orders-0-0","replicas":["orders-0-1"],"slots":"0-3276"}],
              "operation":{"kind":"Updating","startTime":"2026-01-02T03:04:05Z"}}}
            """;
        var written = Write(Read(Text));

        Assert.Equal(written, Write(Read(written)));
        foreach (var part in new[]
        {
            "\"maxmemory-samples\":5", "\"maxmemory-policy\":\"allkeys-lru\"", "\"unknownToUs\":[1,2.5]", "\"respread\":false", "\"quorumLoss\":\"Manual\"",
            "\"size\":\"10Gi\"", "\"Team\":\"Shop\"", "\"slots\":\"0-3276\"", "\"startTime\":\"2026-01-02T03:04:05Z\"", "\"imagePullPolicy\":\"IfNotPresent\"",
        })
        {
            Assert.Contains(part, written, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("null", written, StringComparison.Ordinal);
        Assert.DoesNotContain("effectiveMaxMemoryPercent", written, StringComparison.Ordinal);
    }

    [Fact]
    public void The_scale_selector_matches_one_pod_of_each_shard() =>
        Assert.Equal("slotwise.dev/cluster=orders,apps.kubernetes.io/pod-index=0", RedisClusterLabels.ScaleSelector("orders"));

    [Fact]
    public void The_kind_is_served_where_the_constants_say()
    {
        var kind = KubernetesKind.Of<RedisCluster>();

        Assert.Equal("/apis/redis.slotwise.dev/v1beta1/namespaces/shop/redisclusters/orders/status", kind.Path("shop", "orders", "status"));
        Assert.Equal(kind.ApiVersion, new RedisCluster { Spec = new RedisClusterSpec { Shards = 1, Image = "redis:7.0" } }.ApiVersion);
    }

    static RedisCluster Read(string json) => JsonSerializer.Deserialize(json, RedisCluster.JsonTypeInfo)!;

    static string Write(RedisCluster cluster) => JsonSerializer.Serialize(cluster, RedisCluster.JsonTypeInfo);
}
