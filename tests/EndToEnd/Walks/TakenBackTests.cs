using System.Text.Json.Nodes;

namespace Slotwise.EndToEnd.Walks;

public sealed class TakenBackTests
{
    [Theory]
    [InlineData("""{"spec":{"shards":5}}""", """{"spec":{"shards":3,"image":"a"}}""", """{"spec":{"shards":3}}""")]
    [InlineData("""{"spec":{"rebalance":{"mode":"Manual"}}}""", """{"spec":{"shards":3}}""", """{"spec":{"rebalance":null}}""")]
    [InlineData("""{"spec":{"config":{"a":"1","b":"2"}}}""", """{"spec":{"config":{"a":"0","c":"3"}}}""", """{"spec":{"config":{"a":"0","b":null}}}""")]
    [InlineData("""{"spec":{"storage":null}}""", """{"spec":{"storage":{"size":"1Gi"}}}""", """{"spec":{"storage":{"size":"1Gi"}}}""")]
    public void What_a_patch_changed_is_as_before(string patch, string before, string expected) =>
        Assert.Equal(expected, TakenBack.Build(JsonNode.Parse(patch)!.AsObject(), JsonNode.Parse(before)!.AsObject()).ToJsonString());
}
