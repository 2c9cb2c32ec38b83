using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Entities.Json;
using Slotwise.Entities.Validation;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Entities.Tests;

public sealed class SamplesTests
{
    /// <summary>Refuses fields that the types do not know, as kubectl's strict validation does.</summary>
    static readonly JsonSerializerOptions Strict = new(RedisClusterJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = JsonTypeInfoResolver.Combine(RedisClusterJson.Default),
    };

    public static TheoryData<string> Files =>
        new(Directory.GetFiles(Path.Combine(Repository.Root, "config/samples"), "*.yaml").Select(file => $"config/samples/{Path.GetFileName(file)}"));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_sample_can_be_applied(string file)
    {
        var sample = KubernetesYaml.Read(Repository.Read(file))!.Deserialize<RedisCluster>(Strict)!;

        Assert.Equal(("redis.slotwise.dev/v1beta1", "RedisCluster"), (sample.ApiVersion, sample.Kind));
        Assert.True(RedisClusterValidation.TryValidate(sample, out var errors), string.Join('\n', errors));
    }

    [Fact]
    public void The_first_sample_is_what_the_demo_shows()
    {
        var sample = KubernetesYaml.Read(Repository.Read("config/samples/rediscluster.yaml"))!.Deserialize<RedisCluster>(Strict)!;

        Assert.Equal(("orders", 3, 1, "redis:7.0"), (sample.Metadata.Name, sample.Spec.Shards, sample.Spec.ReplicasPerShard, sample.Spec.Image));
        Assert.Null(sample.Spec.Storage);
    }
}
