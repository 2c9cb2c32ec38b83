using System.Buffers;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Slotwise.Redis.Tests;

public sealed class RespTests
{
    static readonly Gen<byte[]> Bytes = Gen.Frequency(
        (9, Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf()),
        (1, Gen.Choose(0, 200_000).Select(length => new byte[length])));

    static readonly Gen<string> Lines = Gen.Elements('a', 'Z', ' ', ':', '$', 'ö', '\t').ArrayOf().Select(letters => new string(letters));

    static Gen<RespValue> Values(int depth)
    {
        var flat = Gen.OneOf(
            Gen.Constant(RespValue.Null),
            Lines.Select(RespValue.SimpleString),
            Lines.Select(line => RespValue.Error("ERR " + line)),
            Gen.Choose(int.MinValue, int.MaxValue).Select(number => RespValue.Integer((long)number * 3)),
            Gen.Elements(long.MinValue, long.MaxValue, 0, -1).Select(RespValue.Integer),
            Bytes.Select(RespValue.Blob),
            Gen.Choose(int.MinValue, int.MaxValue).Select(number => RespValue.Double(number / 7.0)),
            Gen.Elements(double.PositiveInfinity, double.NegativeInfinity, double.NaN, 0, 1e300, double.Epsilon).Select(RespValue.Double),
            Gen.Elements(true, false).Select(RespValue.Boolean),
            Gen.Choose(int.MinValue, int.MaxValue).Select(number => RespValue.BigNumber(BigInteger.Pow(number, 5))),
            Lines.Select(line => RespValue.Verbatim("txt", line + "\r\n" + line)));
        if (depth == 0)
        {
            return flat;
        }

        var items = Values(depth - 1).ArrayOf().Select(values => values.Take(8).ToArray());
        return Gen.Frequency(
            (4, flat),
            (1, items.Select(RespValue.Array)),
            (1, items.Select(values => RespValue.Map([.. values, .. values]))),
            (1, items.Select(RespValue.Set)),
            (1, items.Select(RespValue.Push)));
    }

    [Fact]
    public void Whatever_is_written_reads_back_however_it_is_cut()
    {
        var cases = Gen.Zip(Values(3).ArrayOf(), Gen.Choose(1, 50)).ToArbitrary();
        Prop.ForAll(cases, pair =>
        {
            var (values, piece) = pair;
            var output = new ArrayBufferWriter<byte>();
            foreach (var value in values)
            {
                RespWriter.WriteReply(output, value, 3);
            }

            // long texts in tiny pieces would only take long
            var size = output.WrittenCount > 10_000 ? piece * 1000 : piece;
            Assert.Equal(values, ReadInPieces(output.WrittenMemory, size));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("+OK\r\n", "OK")]
    [InlineData("-ERR no\r\n", "(error) ERR no")]
    [InlineData("!6\r\nERR no\r\n", "(error) ERR no")]
    [InlineData(":-5\r\n", "-5")]
    [InlineData("$-1\r\n", "(nil)")]
    [InlineData("*-1\r\n", "(nil)")]
    [InlineData("_\r\n", "(nil)")]
    [InlineData("$0\r\n\r\n", "")]
    [InlineData("$4\r\n\r\n\r\n\r\n", "\r\n\r\n")]
    [InlineData("*0\r\n", "[]")]
    [InlineData("%0\r\n", "[]")]
    [InlineData("*2\r\n*0\r\n*1\r\n:1\r\n", "[[], [1]]")]
    [InlineData("%1\r\n+a\r\n:1\r\n", "[a, 1]")]
    [InlineData("~2\r\n#t\r\n#f\r\n", "[true, false]")]
    [InlineData(",1.5\r\n", "1.5")]
    [InlineData(",-inf\r\n", "-Infinity")]
    [InlineData("(3492890328409238509324850943850943825024385\r\n", "3492890328409238509324850943850943825024385")]
    [InlineData("=7\r\ntxt:abc\r\n", "abc")]
    [InlineData(">2\r\n+message\r\n+x\r\n", "[message, x]")]
    [InlineData("|1\r\n+ttl\r\n:3600\r\n+x\r\n", "x")]
    [InlineData("|0\r\n+x\r\n", "x")]
    [InlineData("*2\r\n|1\r\n+a\r\n*2\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "[3, 4]")]
    public void Every_type_reads(string wire, string shown)
    {
        var bytes = Encoding.Latin1.GetBytes(wire);
        Assert.Equal(shown, Assert.Single(ReadInPieces(bytes, 1)).ToString());
        Assert.Equal(shown, Assert.Single(ReadInPieces(bytes, bytes.Length)).ToString());
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData("+OK\n")]
    [InlineData(":1x\r\n")]
    [InlineData(":\r\n")]
    [InlineData("$x\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("*-2\r\n")]
    [InlineData("$1\r\nab\r\n")]
    [InlineData("#x\r\n")]
    [InlineData(",1.5.2\r\n")]
    [InlineData("=2\r\nab\r\n")]
    [InlineData("=7\r\ntxtabcd\r\n")]
    [InlineData("$?\r\n")]
    [InlineData("*9999999999999999999999\r\n")]
    public void What_is_no_resp_is_refused(string wire) =>
        Assert.Throws<RedisProtocolException>(() => ReadInPieces(Encoding.Latin1.GetBytes(wire), 1));

    [Theory]
    [InlineData("$1001\r\n")]
    [InlineData("*1000\r\n")]
    [InlineData("%40\r\n")]
    [InlineData("*2\r\n$600\r\n", 600, "\r\n$600\r\n")]
    [InlineData("+", 101)]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n")]
    public void What_exceeds_a_limit_is_refused_before_it_has_arrived(string start, int filler = 0, string end = "")
    {
        var limits = new RespLimits(MaxReplyBytes: 1000, MaxDepth: 4, MaxLineBytes: 100);
        var wire = Encoding.Latin1.GetBytes(start + new string('a', filler) + end);
        Assert.Throws<RedisProtocolException>(() => ReadInPieces(wire, 7, limits));
    }

    [Theory]
    [InlineData("$60000000\r\nabc")]
    [InlineData("*2000000\r\n+abc\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*2000000\r\n")]
    public void Memory_follows_what_arrived_not_what_was_announced(string wire)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(wire));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(new RespReader().TryRead(ref bytes, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Limits_count_for_each_reply_anew()
    {
        var wire = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat($"$900\r\n{new string('a', 900)}\r\n", 5)));
        Assert.Equal(5, ReadInPieces(wire, 100, new RespLimits(MaxReplyBytes: 1000)).Count);
    }

    [Fact]
    public void Random_bytes_are_refused_or_read_but_never_anything_else()
    {
        var noise = Gen.Elements('*', '$', '%', '~', '|', '>', '=', '!', '+', '-', ':', ',', '#', '_', '(', '0', '1', '2', '9', '\r', '\n', 'a')
            .ArrayOf().Select(letters => Encoding.Latin1.GetBytes(letters)).ToArbitrary();
        var breaks = Gen.Elements("\r\n", "*2\r\n", "$3\r\n", "abc\r\n", ":1\r\n", "|1\r\n", "%1\r\n", "+x\r\n", "-", "_\r\n")
            .ArrayOf().Select(parts => Encoding.Latin1.GetBytes(string.Concat(parts))).ToArbitrary();
        Prop.ForAll(noise, TryRead).QuickCheckThrowOnFailure();
        Prop.ForAll(breaks, TryRead).QuickCheckThrowOnFailure();

        static void TryRead(byte[] bytes)
        {
            try
            {
                ReadInPieces(bytes, 3);
            }
            catch (RedisProtocolException)
            {
            }
        }
    }

    [Fact]
    public void The_types_of_resp3_become_the_nearest_of_resp2()
    {
        var output = new ArrayBufferWriter<byte>();
        RespWriter.WriteReply(output, RespValue.Map(RespValue.Text("a"), RespValue.Double(1.5), RespValue.Text("b"), RespValue.Boolean(true), RespValue.Text("c"), RespValue.Null), 2);
        Assert.Equal("*6\r\n$1\r\na\r\n$3\r\n1.5\r\n$1\r\nb\r\n:1\r\n$1\r\nc\r\n$-1\r\n", Encoding.Latin1.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Text_cannot_break_out_of_its_line()
    {
        var output = new ArrayBufferWriter<byte>();
        RespWriter.WriteReply(output, RespValue.SimpleString("a\r\n+b"), 2);
        Assert.Equal("+a  +b\r\n", Encoding.Latin1.GetString(output.WrittenSpan));
    }

    [Fact]
    public void A_map_reads_from_both_protocols()
    {
        RespValue[] items = [RespValue.Text("port"), RespValue.Text("6379"), RespValue.SimpleString("ip"), RespValue.Text("::1")];
        foreach (var reply in new[] { RespValue.Map(items), RespValue.Array(items) })
        {
            Assert.True(reply.TryGetEntry("port", out var port));
            Assert.True(port.TryGetInteger(out var number));
            Assert.Equal(6379, number);
            Assert.True(reply.TryGetEntry("ip", out var ip));
            Assert.Equal("::1", ip.AsText());
            Assert.False(reply.TryGetEntry("6379", out _));
        }
    }

    [Fact]
    public void An_error_has_a_code()
    {
        var reply = RespValue.Error("MOVED 3999 127.0.0.1:6381");
        Assert.Equal("MOVED", reply.ErrorCode);
        var error = Assert.Throws<RedisServerException>(() => reply.ThrowIfError());
        Assert.Equal(("MOVED", "MOVED 3999 127.0.0.1:6381"), (error.Code, error.Message));
        Assert.Equal("", RespValue.Ok.ErrorCode);
    }

    static List<RespValue> ReadInPieces(ReadOnlyMemory<byte> wire, int piece, RespLimits? limits = null)
    {
        var reader = new RespReader(limits);
        var values = new List<RespValue>();
        var rest = ReadOnlySequence<byte>.Empty;
        for (var at = 0; at < wire.Length; at += piece)
        {
            rest = Join(rest, wire.Slice(at, Math.Min(piece, wire.Length - at)));
            while (reader.TryRead(ref rest, out var value))
            {
                values.Add(value);
            }
        }

        Assert.True(rest.Length <= 64 << 10, "the reader leaves more in the buffer than a line");
        return values;
    }

    // as a pipe does it: what was left and what has arrived are segments of their own
    static ReadOnlySequence<byte> Join(ReadOnlySequence<byte> rest, ReadOnlyMemory<byte> more)
    {
        var first = new Segment(rest.ToArray(), null);
        var last = new Segment(more, first);
        return new ReadOnlySequence<byte>(first, 0, last, more.Length);
    }

    sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                previous.Next = this;
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
            }
        }
    }
}
