using System.Buffers;
using System.Text;

namespace Slotwise.Redis.Tests;

public sealed class RedisCommandTests
{
    [Fact]
    public void A_command_is_an_array_of_bulk_strings()
    {
        var output = new ArrayBufferWriter<byte>();
        var command = new RedisCommand("SET", new byte[] { 0, 13, 10, 255 }, 42, "ä");
        RespWriter.WriteCommand(output, command);
        Assert.Equal("*4\r\n$3\r\nSET\r\n$4\r\n\0\r\n\u00ff\r\n$2\r\n42\r\n$2\r\n\u00c3\u00a4\r\n", Encoding.Latin1.GetString(output.WrittenSpan));
        Assert.InRange(output.WrittenCount, 1, RespWriter.MaxLength(command));
    }

    [Theory]
    [InlineData("AUTH secret")]
    [InlineData("auth user secret")]
    [InlineData("HELLO 3 AUTH user secret")]
    [InlineData("hello 3 auth user secret SETNAME x")]
    [InlineData("MIGRATE 10.0.0.1 6379  0 5000 AUTH secret KEYS a")]
    [InlineData("MIGRATE 10.0.0.1 6379  0 5000 REPLACE AUTH2 user secret KEYS a")]
    [InlineData("CLUSTER MIGRATESLOTS SLOTSRANGE 0 1 NODE x AUTH2 user secret")]
    [InlineData("ACL SETUSER bob on >secret")]
    [InlineData("CONFIG SET requirepass secret")]
    [InlineData("config set maxmemory 1 MasterAuth secret")]
    [InlineData("CONFIG SET primaryauth secret")]
    [InlineData("CONFIG SET tls-key-file-pass secret")]
    public void A_printed_command_holds_no_secret(string command)
    {
        var text = new RedisCommand([.. command.Split(' ').Select(argument => (RedisArgument)argument)]).ToString();
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.Contains("(hidden)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_printed_command_says_what_it_does()
    {
        Assert.Equal("CLUSTER MEET 10.0.0.1 6379 16379", ClusterCommands.Meet("10.0.0.1", 6379, 16379).ToString());
        Assert.Equal("CLUSTER MEET", ClusterCommands.Meet("10.0.0.1", 6379, 16379).Name);
        Assert.Equal("CONFIG SET maxmemory 100", ServerCommands.ConfigSet("maxmemory", "100").ToString());
        Assert.Equal("GET \"\"", new RedisCommand("get", "").ToString());
        Assert.Equal("SET a \\x00\\x0a\\xff", new RedisCommand("SET", "a", new byte[] { 0, 10, 255 }).ToString());
        Assert.Equal($"SET a {new string('x', 64)}...", new RedisCommand("SET", "a", new string('x', 1000)).ToString());
        Assert.EndsWith(" (and 85 more)", new RedisCommand([.. Enumerable.Repeat((RedisArgument)"DEL", 101)]).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_print_without_the_password() =>
        Assert.Equal("user bob", new RedisCredentials("bob", "secret").ToString());

    [Fact]
    public void A_reply_of_another_shape_is_a_server_error()
    {
        var error = Assert.Throws<RedisServerException>(() => ServerCommands.DbSize.Read(RespValue.Text("many")));
        Assert.Equal(RedisServerException.UnexpectedReply, error.Code);
        Assert.Contains("DBSIZE", error.Message, StringComparison.Ordinal);
        Assert.Equal("LOADING", Assert.Throws<RedisServerException>(() => ClusterCommands.Nodes.Read(RespValue.Error("LOADING Redis is loading"))).Code);
        Assert.Throws<RedisServerException>(() => ClusterCommands.MyId.Read(RespValue.Text("short")));
    }

    [Fact]
    public void Ranges_become_pairs_and_no_slot_is_refused()
    {
        Assert.Equal("CLUSTER ADDSLOTSRANGE 0 5 9 9", ClusterCommands.AddSlotsRange(SlotSet.Parse("0-5,9")).ToString());
        Assert.Throws<ArgumentException>(() => ClusterCommands.DelSlotsRange(SlotSet.Empty));
    }
}
