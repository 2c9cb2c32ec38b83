using System.Globalization;
using System.Text;

namespace Slotwise.Redis;

/// <summary>One argument of a command. Texts, numbers, bytes and node ids convert to it by themselves.</summary>
public readonly struct RedisArgument(ReadOnlyMemory<byte> bytes)
{
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public static implicit operator RedisArgument(string text) => new(Encoding.UTF8.GetBytes(text));

    public static implicit operator RedisArgument(byte[] bytes) => new(bytes);

    public static implicit operator RedisArgument(ReadOnlyMemory<byte> bytes) => new(bytes);

    public static implicit operator RedisArgument(long number) => new(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    public static implicit operator RedisArgument(int number) => (long)number;

    public static implicit operator RedisArgument(NodeId id) => id.ToString();
}
