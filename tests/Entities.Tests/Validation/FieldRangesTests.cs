using Slotwise.Entities.Validation;

namespace Slotwise.Entities.Tests.Validation;

public sealed class FieldRangesTests
{
    [Theory]
    [InlineData("""{"shards":0}""", "spec.shards", "0", "must be 1 to 500")]
    [InlineData("""{"shards":501,"replicasPerShard":0}""", "spec.shards", "501", "must be 1 to 500")]
    [InlineData("""{"replicasPerShard":6}""", "spec.replicasPerShard", "6", "must be 0 to 5")]
    [InlineData("""{"image":""}""", "spec.image", "", "must have 1 to 1024 characters")]
    [InlineData("""{"maxMemoryPercent":0}""", "spec.maxMemoryPercent", "0", "must be 1 to 95")]
    [InlineData("""{"maxMemoryPercent":96}""", "spec.maxMemoryPercent", "96", "must be 1 to 95")]
    [InlineData("""{"terminationGracePeriodSeconds":9}""", "spec.terminationGracePeriodSeconds", "9", "must be 10 to 3600")]
    [InlineData("""{"storage":{"size":"0"}}""", "spec.storage.size", "0", "must match")]
    [InlineData("""{"storage":{"size":0}}""", "spec.storage.size", "0", "must match")]
    [InlineData("""{"storage":{"size":"100m"}}""", "spec.storage.size", "100m", "must match")]
    [InlineData("""{"rebalance":{"maxParallelMoves":0}}""", "spec.rebalance.maxParallelMoves", "0", "must be 1 to 50")]
    [InlineData("""{"rebalance":{"tolerancePercent":51}}""", "spec.rebalance.tolerancePercent", "51", "must be 0 to 50")]
    [InlineData("""{"update":{"maxParallelShards":0}}""", "spec.update.maxParallelShards", "0", "must be 1 to 50")]
    [InlineData("""{"imagePullSecrets":[{"name":"a"},{"name":""}]}""", "spec.imagePullSecrets[1].name", "", "must have 1 to 253 characters")]
    [InlineData("""{"config":{"maxmemory-policy":"noeviction\nport 1"}}""", "spec.config.maxmemory-policy", "set", "on one line")]
    [InlineData("""{"config":{"maxmemory-policy":"noeviction\n"}}""", "spec.config.maxmemory-policy", "set", "on one line")]
    [InlineData("""{"config":{"maxmemory-policy":"noeviction\r"}}""", "spec.config.maxmemory-policy", "set", "on one line")]
    public void A_value_out_of_range_is_refused(string spec, string field, string value, string remedy)
    {
        Assert.False(RedisClusterValidation.TryValidate(RuleCases.Resource("orders", spec), out var errors));

        var error = Assert.Single(errors);
        Assert.Equal((field, value), (error.Field, error.Value));
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_directives_are_refused()
    {
        var config = string.Join(',', Enumerable.Range(0, 129).Select(index => $"\"d{index}\":1"));

        Assert.False(RedisClusterValidation.TryValidate(RuleCases.Resource("orders", $"{{\"config\":{{{config}}}}}"), out var errors));
        Assert.Equal("spec.config: 129 entries: must have at most 128 entries", Assert.Single(errors).ToString());
    }

    [Theory]
    [InlineData("""{"shards":1}""")]
    [InlineData("""{"shards":500}""")]
    [InlineData("""{"replicasPerShard":0}""")]
    [InlineData("""{"maxMemoryPercent":95}""")]
    [InlineData("""{"terminationGracePeriodSeconds":3600}""")]
    [InlineData("""{"storage":{"size":"1.5Gi"}}""")]
    [InlineData("""{"storage":{"size":10737418240}}""")]
    [InlineData("""{"rebalance":{"tolerancePercent":0,"maxParallelMoves":50}}""")]
    public void A_value_at_the_edge_of_its_range_is_taken(string spec) =>
        Assert.True(RedisClusterValidation.TryValidate(RuleCases.Resource("orders", spec), out var errors), string.Join('\n', errors));
}
