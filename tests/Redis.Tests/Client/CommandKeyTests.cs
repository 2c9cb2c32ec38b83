namespace Slotwise.Redis.Tests;

public sealed class CommandKeyTests
{
    [Theory]
    [InlineData("GET {k}1")]
    [InlineData("set {k}1 {other}")]
    [InlineData("SPUBLISH {k}news text")]
    [InlineData("EVAL script 1 {k}1 {other}")]
    [InlineData("FCALL name 2 {k}1 {k}2")]
    [InlineData("OBJECT ENCODING {k}1")]
    [InlineData("XGROUP CREATE {k}stream group $")]
    [InlineData("XREADGROUP GROUP g c COUNT 10 streams {k}stream >")]
    [InlineData("XREAD COUNT 1 STREAMS {k}stream 0")]
    [InlineData("ZUNION 2 {k}1 {k}2")]
    [InlineData("BLMPOP 0 1 {k}1 LEFT")]
    [InlineData("BITOP AND {k}1 {k}2")]
    public void The_key_of_a_command_decides_about_its_slot(string line) => Assert.Equal(SlotHash.Of("k"), CommandKey.SlotOf(Parse(line)));

    [Theory]
    [InlineData("PING")]
    [InlineData("PING text")]
    [InlineData("CLUSTER SLOTS")]
    [InlineData("EVAL script 0 argument")]
    [InlineData("EVAL")]
    [InlineData("XREAD COUNT 1")]
    [InlineData("KEYS pattern")]
    public void A_command_without_a_key_is_for_any_node(string line) => Assert.Null(CommandKey.SlotOf(Parse(line)));

    static RedisCommand Parse(string line) => new([.. line.Split(' ').Select(word => (RedisArgument)word)]);
}
