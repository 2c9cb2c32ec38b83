using Slotwise.Entities.Validation;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities.Tests.Validation;

public sealed class StorageChangeTests
{
    [Theory]
    [InlineData("10Gi", null, "10Gi", null)]
    [InlineData("10Gi", null, "10240Mi", null)]
    [InlineData("10Gi", null, "11Gi", null)]
    [InlineData("10Gi", "fast", "1Ti", "fast")]
    [InlineData(null, null, null, null)]
    public void What_a_volume_can_follow_is_allowed(string? liveSize, string? liveClass, string? size, string? storageClass)
    {
        Assert.True(RedisClusterValidation.TryValidateChange(Spec(size, storageClass), Live(liveSize, liveClass), out var errors), string.Join('\n', errors));
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("10Gi", null, "9Gi", null, "spec.storage.size", "9Gi")]
    [InlineData("10Gi", null, "10G", null, "spec.storage.size", "10G")]
    [InlineData("10Gi", "fast", "10Gi", "slow", "spec.storage.storageClassName", "slow")]
    [InlineData("10Gi", "fast", "10Gi", null, "spec.storage.storageClassName", "absent")]
    [InlineData("10Gi", null, "10Gi", "fast", "spec.storage.storageClassName", "fast")]
    [InlineData("10Gi", null, null, null, "spec.storage", "absent")]
    [InlineData(null, null, "10Gi", null, "spec.storage", "10Gi")]
    public void What_a_volume_cannot_follow_is_refused(string? liveSize, string? liveClass, string? size, string? storageClass, string field, string value)
    {
        Assert.False(RedisClusterValidation.TryValidateChange(Spec(size, storageClass), Live(liveSize, liveClass), out var errors));

        var error = Assert.Single(errors);
        Assert.Equal((field, value), (error.Field, error.Value));
        Assert.Contains("make a new RedisCluster", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1Gi")]
    public void Where_nothing_exists_everything_can_be_made(string? size) =>
        Assert.True(RedisClusterValidation.TryValidateChange(Spec(size, "fast"), live: null, out _));

    static LiveStorage Live(string? size, string? storageClass) => new(size is null ? default(Quantity?) : new Quantity(size), storageClass);

    static RedisClusterSpec Spec(string? size, string? storageClass) => new()
    {
        Shards = 3,
        Image = "redis:7.0",
        Storage = size is null ? null : new RedisClusterStorage { Size = size, StorageClassName = storageClass },
    };
}
