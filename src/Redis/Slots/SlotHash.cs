using System.Text;

namespace Slotwise.Redis;

/// <summary>The slot of a key: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16384 (Redis Cluster specification).</summary>
public static class SlotHash
{
    static readonly ushort[] Table = BuildTable();

    /// <summary>The slot of the key, 0 to 16383.</summary>
    public static int Of(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Of(Encoding.UTF8.GetBytes(key));
    }

    /// <summary>The slot of the key, 0 to 16383.</summary>
    /// <remarks>Of a key with <c>{tag}</c> only what stands between the first <c>{</c> and the next <c>}</c> counts, unless that is empty.</remarks>
    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var length = key[(open + 1)..].IndexOf((byte)'}');
            if (length > 0)
            {
                key = key.Slice(open + 1, length);
            }
        }

        return Crc16(key) & (SlotSet.SlotCount - 1);
    }

    internal static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc = ((crc << 8) ^ Table[((crc >> 8) ^ value) & 0xFF]) & 0xFFFF;
        }

        return (ushort)crc;
    }

    static ushort[] BuildTable()
    {
        const int polynomial = 0x1021;
        var table = new ushort[256];
        for (var value = 0; value < 256; value++)
        {
            var crc = value << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ polynomial : crc << 1;
            }

            table[value] = (ushort)crc;
        }

        return table;
    }
}
