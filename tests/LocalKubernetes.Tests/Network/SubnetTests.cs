using System.Net;
using Slotwise.LocalKubernetes.Network;

namespace Slotwise.LocalKubernetes.Tests.Network;

public sealed class SubnetTests
{
    [Fact]
    public void A_seed_finds_the_same_range_again_and_the_next_one_when_it_is_taken()
    {
        Assert.True(Subnet.TryChooseFree(12345, [], out var first));
        Assert.True(Subnet.TryChooseFree(12345, [], out var again));
        Assert.Equal(first, again);
        Assert.True(Subnet.TryParse("10.128.0.0/9", out var home));
        Assert.True(home.Overlaps(first));
        Assert.True(Subnet.TryChooseFree(12345, [first], out var second));
        Assert.False(first.Overlaps(second));
    }

    [Fact]
    public void Nothing_is_chosen_when_everything_is_taken()
    {
        Assert.True(Subnet.TryParse("10.0.0.0/8", out var all));
        Assert.False(Subnet.TryChooseFree(1, [all], out _));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("fe80::/64")]
    [InlineData("10.0.0.0/33")]
    public void What_is_no_range_is_refused(string text) => Assert.False(Subnet.TryParse(text, out _));

    [Fact]
    public void An_address_given_back_comes_last()
    {
        var pool = new AddressPool(new Subnet(IPAddress.Parse("10.128.0.0"), 29));
        Assert.Equal("10.128.0.1", pool.Gateway.ToString());
        var given = Enumerable.Range(0, 5).Select(_ => pool.Take()).ToList();
        Assert.Equal(5, given.Distinct().Count());
        Assert.DoesNotContain(pool.Gateway, given);
        Assert.Throws<InvalidOperationException>(pool.Take);
        pool.Return(given[3]);
        pool.Return(given[0]);
        Assert.Equal(given[0], pool.Take());
        Assert.Equal(given[3], pool.Take());
    }
}
