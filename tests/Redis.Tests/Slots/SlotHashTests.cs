namespace Slotwise.Redis.Tests;

public sealed class SlotHashTests
{
    // from CLUSTER KEYSLOT of a Redis 7.0 server
    [Theory]
    [InlineData("", 0)]
    [InlineData("foo", 12182)]
    [InlineData("bar", 5061)]
    [InlineData("123456789", 12739)]
    [InlineData("user:1000", 1649)]
    [InlineData("{user:1000}.following", 1649)]
    [InlineData("x{user:1000}{other}", 1649)]
    [InlineData("foo{}{bar}", 8363)]
    [InlineData("foo{{bar}}zap", 4015)]
    [InlineData("foo{bar", 15278)]
    [InlineData("}foo{bar}", 5061)]
    public void The_slot_of_a_key(string key, int slot) => Assert.Equal(slot, SlotHash.Of(key));

    [Fact]
    public void The_check_value_of_crc16_xmodem() => Assert.Equal(0x31C3, SlotHash.Crc16("123456789"u8));
}
