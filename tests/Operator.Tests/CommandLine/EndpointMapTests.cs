using Slotwise.Operator.CommandLine;
using Slotwise.Redis;

namespace Slotwise.Operator.Tests.CommandLine;

public sealed class EndpointMapTests
{
    [Fact]
    public void Announced_addresses_lead_to_those_where_they_are_reached()
    {
        var map = EndpointMap.Parse(["10.0.0.7:6379=127.0.0.1:7001", "[fd00::7]:6379=localhost:7002"]);
        Assert.Equal(new RedisEndpoint("127.0.0.1", 7001), map[new RedisEndpoint("10.0.0.7", 6379)]);
        Assert.Equal(new RedisEndpoint("localhost", 7002), map[new RedisEndpoint("fd00::7", 6379)]);
    }

    [Theory]
    [InlineData("10.0.0.7:6379")]
    [InlineData("10.0.0.7=127.0.0.1:7001")]
    [InlineData("10.0.0.7:6379=127.0.0.1:")]
    [InlineData("10.0.0.7:0=127.0.0.1:7001")]
    [InlineData(":6379=127.0.0.1:7001")]
    public void Anything_else_is_refused_with_what_it_must_be(string value)
    {
        var error = Assert.Throws<UserErrorException>(() => EndpointMap.Parse([value]));
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
        Assert.Contains("ADDRESS:PORT=ADDRESS:PORT", error.Message, StringComparison.Ordinal);
    }
}
