namespace Slotwise.Redis.Tests;

public sealed class SlotPartitionTests
{
    // what redis-cli --cluster create of Redis 7.0 proposes
    [Theory]
    [InlineData(1, "0-16383")]
    [InlineData(2, "0-8191 8192-16383")]
    [InlineData(3, "0-5460 5461-10922 10923-16383")]
    [InlineData(5, "0-3276 3277-6553 6554-9829 9830-13106 13107-16383")]
    [InlineData(7, "0-2340 2341-4680 4681-7021 7022-9361 9362-11702 11703-14042 14043-16383")]
    public void Shares_are_those_of_redis_cli(int shards, string shares) =>
        Assert.Equal(shares, string.Join(' ', SlotPartition.Split(shards)));

    [Fact]
    public void Every_slot_has_one_owner_and_shares_differ_by_at_most_one()
    {
        for (var shards = 1; shards <= 1000; shards++)
        {
            var shares = SlotPartition.Split(shards);
            var next = 0;
            foreach (var share in shares)
            {
                var range = Assert.Single(share.Ranges);
                Assert.Equal(next, range.First);
                next = range.Last + 1;
            }

            Assert.Equal(SlotSet.SlotCount, next);
            Assert.InRange(shares.Max(share => share.Count) - shares.Min(share => share.Count), 0, 1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16385)]
    public void Other_numbers_of_shards_are_refused(int shards) => Assert.Throws<ArgumentOutOfRangeException>(() => SlotPartition.Split(shards));
}
