using System.Text.Json.Nodes;
using Slotwise.LocalKubernetes.Api.Tables;

namespace Slotwise.LocalKubernetes.Tests.Api;

public sealed class TableTests
{
    [Theory]
    [InlineData(".a.b", "1")]
    [InlineData("{.a.b}", "1")]
    [InlineData("$.a.b", "1")]
    [InlineData(".a['x.y']", "2")]
    [InlineData(@".a.x\.y", "2")]
    [InlineData(".list[0].name", "p")]
    [InlineData(".list[-1].name", "q")]
    [InlineData(".list[*].name", "p q")]
    [InlineData(""".list[?(@.name=="q")].size""", "7")]
    [InlineData(".list[?(@.name!='q')].size", "6")]
    [InlineData(".list[5].name", "")]
    [InlineData(".missing.b", "")]
    public void Paths_of_columns_are_followed(string path, string expected)
    {
        var root = JsonNode.Parse("""{"a":{"b":1,"x.y":2},"list":[{"name":"p","size":6},{"name":"q","size":7}]}""")!;
        Assert.Equal(expected, string.Join(' ', new JsonPath(path).Find(root).Select(node => node.ToString())));
    }

    [Theory]
    [InlineData(".a[")]
    [InlineData(".a[?(@.b)]")]
    public void Paths_that_are_none_are_refused(string path) => Assert.Throws<FormatException>(() => new JsonPath(path));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(125, "2m5s")]
    [InlineData(600, "10m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((3 * 3600) + 60, "3h1m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData(50 * 3600, "2d2h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(2 * 365 * 86400, "2y")]
    public void Ages_are_shown_as_kubectl_shows_them(int seconds, string expected) => Assert.Equal(expected, HumanDuration.Of(TimeSpan.FromSeconds(seconds)));
}
