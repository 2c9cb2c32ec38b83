using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd;

public sealed class RefusalTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    [Theory]
    [InlineData("shards: 0", "spec.shards", "greater than or equal to 1")]
    [InlineData("shards: three", "spec.shards", "integer")]
    [InlineData("shards: 501", "spec.shards", "less than or equal to 500")]
    [InlineData("shards: 3\n  replicasPerShard: 6", "spec.replicasPerShard", "less than or equal to 5")]
    [InlineData("shards: 3\n  storage: {size: much}", "spec.storage.size", "should match")]
    [InlineData("shards: 3\n  storage: {}", "spec.storage.size", "Required value")]
    [InlineData("shards: 3\n  update: {maxParallelShards: 0}", "spec.update.maxParallelShards", "greater than or equal to 1")]
    public async Task A_wrong_type_or_range_is_refused_with_the_path_of_the_field(string spec, string path, string reason)
    {
        var result = await Kubernetes.TryApplyAsync(Manifest(spec));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(path, result.Errors, StringComparison.Ordinal);
        Assert.Contains(reason, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_field_is_refused_with_its_path()
    {
        Assert.SkipUnless(Kubernetes.ValidatesFields, "this kubectl is too old to have fields validated by the server");

        var result = await Kubernetes.TryApplyAsync(Manifest("shards: 3\n  shardz: 4"));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("spec.shardz", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_named_with_those_that_are_and_nothing_stays_of_the_attempt()
    {
        var cluster = new TestCluster(Kubernetes, "unobtainable");
        await Kubernetes.ApplyAsync(cluster.Manifest(3, 0).Replace("redis:7.0", "redis:99", StringComparison.Ordinal));

        await EventuallyAsync("Reconciling repeats what the kubelet says", async () =>
        {
            var condition = (await cluster.ConditionsAsync()).GetValueOrDefault("Reconciling");
            return condition is { Status: "True", Reason: "ErrImagePull" or "ImagePullBackOff" }
                && condition.Message.Contains("ErrImagePull", StringComparison.Ordinal)
                && condition.Message.Contains("redis:99", StringComparison.Ordinal)
                && condition.Message.Contains("redis:7.0", StringComparison.Ordinal)
                ? null
                : condition?.ToString() ?? "no condition";
        });

        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    static string Manifest(string spec) => $"""
        apiVersion: redis.slotwise.dev/v1beta1
        kind: RedisCluster
        metadata:
          name: refused
        spec:
          image: redis:7.0
          {spec}
        """;
}
