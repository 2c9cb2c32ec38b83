namespace Slotwise.Redis.Tests;

public sealed class ByteTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(3L << 40, "3.0 TiB")]
    [InlineData(5L << 50, "5120.0 TiB")]
    public void Amounts_are_readable(long bytes, string text) => Assert.Equal(text, ByteText.Of(bytes));
}
