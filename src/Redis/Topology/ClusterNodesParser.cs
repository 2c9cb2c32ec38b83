using System.Buffers.Text;
using System.Text;

namespace Slotwise.Redis;

/// <summary>
/// Reads <c>id ip:port@busport[,hostname[,name=value]...] flags master|- ping pong epoch link [slots]...</c> (redis cluster_legacy.c,
/// clusterGenNodeDescription). The format is declared extensible, so whatever is not understood is left out, and only a line without a node id or
/// with less than eight fields is no node at all.
/// </summary>
static class ClusterNodesParser
{
    const int FieldsBeforeSlots = 8;

    public static ClusterNodesTable Parse(ReadOnlySpan<byte> text)
    {
        var nodes = new List<ClusterNode>(text.Count((byte)'\n') + 1);
        var slots = new SlotSetBuilder();
        foreach (var line in text.Split((byte)'\n'))
        {
            if (ParseLine(text[line].TrimEnd((byte)'\r'), slots) is { } node)
            {
                nodes.Add(node);
            }
        }

        return new ClusterNodesTable(nodes);
    }

    static ClusterNode? ParseLine(ReadOnlySpan<byte> line, SlotSetBuilder slots)
    {
        Span<Range> fields = stackalloc Range[FieldsBeforeSlots + 1];
        var count = SplitFields(line, fields);
        if (count < FieldsBeforeSlots || !NodeId.TryParse(line[fields[0]], out var id))
        {
            return null;
        }

        var address = ParseAddress(line[fields[1]]);
        var flags = ParseFlags(line[fields[2]], out var unknownFlags);
        List<OpenSlot>? migrating = null;
        List<OpenSlot>? importing = null;
        if (count > FieldsBeforeSlots)
        {
            ParseSlots(line[fields[FieldsBeforeSlots]], slots, ref migrating, ref importing);
        }

        return new ClusterNode
        {
            Id = id,
            Ip = address.Ip,
            Port = address.Port,
            BusPort = address.BusPort,
            Hostname = address.Hostname,
            AuxiliaryFields = address.AuxiliaryFields,
            Flags = flags,
            UnknownFlags = unknownFlags,
            MasterId = NodeId.TryParse(line[fields[3]], out var master) ? master : null,
            PingSentMs = ParseNumber(line[fields[4]]),
            PongReceivedMs = ParseNumber(line[fields[5]]),
            ConfigEpoch = ParseNumber(line[fields[6]]),
            IsLinkUp = line[fields[7]].SequenceEqual("connected"u8),
            Slots = slots.Build(),
            Migrating = migrating ?? (IReadOnlyList<OpenSlot>)[],
            Importing = importing ?? (IReadOnlyList<OpenSlot>)[],
        };
    }

    // the last field takes the rest of the line, blanks included
    static int SplitFields(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        var start = 0;
        for (var count = 0; count < fields.Length; count++)
        {
            if (start > line.Length)
            {
                return count;
            }

            var blank = count == fields.Length - 1 ? -1 : line[start..].IndexOf((byte)' ');
            var end = blank < 0 ? line.Length : start + blank;
            fields[count] = start..end;
            start = end + 1;
        }

        return fields.Length;
    }

    static Address ParseAddress(ReadOnlySpan<byte> field)
    {
        var comma = field.IndexOf((byte)',');
        var endpoint = comma < 0 ? field : field[..comma];
        var hostname = "";
        var auxiliary = ClusterNode.EmptyFields;
        if (comma >= 0)
        {
            (hostname, auxiliary) = ParseNames(field[(comma + 1)..]);
        }

        var at = endpoint.IndexOf((byte)'@');
        var busPort = at < 0 ? 0 : (int)ParseNumber(endpoint[(at + 1)..]);
        var plain = at < 0 ? endpoint : endpoint[..at];

        // an IPv6 address is printed without brackets, so only the last colon is the port's
        var colon = plain.LastIndexOf((byte)':');
        return colon < 0
            ? new Address(Text(plain), 0, busPort, hostname, auxiliary)
            : new Address(Text(plain[..colon]), (int)ParseNumber(plain[(colon + 1)..]), busPort, hostname, auxiliary);
    }

    static (string Hostname, IReadOnlyDictionary<string, string> AuxiliaryFields) ParseNames(ReadOnlySpan<byte> names)
    {
        var comma = names.IndexOf((byte)',');
        var hostname = Text(comma < 0 ? names : names[..comma]);
        if (comma < 0)
        {
            return (hostname, ClusterNode.EmptyFields);
        }

        var auxiliary = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var rest = names[(comma + 1)..];
        foreach (var part in rest.Split((byte)','))
        {
            var field = rest[part];
            var equals = field.IndexOf((byte)'=');
            if (equals > 0)
            {
                auxiliary[Text(field[..equals])] = Text(field[(equals + 1)..]);
            }
        }

        return (hostname, auxiliary);
    }

    static ClusterNodeFlags ParseFlags(ReadOnlySpan<byte> field, out string unknown)
    {
        var flags = ClusterNodeFlags.None;
        unknown = "";
        foreach (var part in field.Split((byte)','))
        {
            var name = field[part];
            if (ClusterNodesFormat.FlagOf(name) is { } flag)
            {
                flags |= flag;
            }
            else if (!name.IsEmpty)
            {
                unknown = unknown.Length == 0 ? Text(name) : unknown + "," + Text(name);
            }
        }

        return flags;
    }

    static void ParseSlots(ReadOnlySpan<byte> field, SlotSetBuilder slots, ref List<OpenSlot>? migrating, ref List<OpenSlot>? importing)
    {
        foreach (var part in field.Split((byte)' '))
        {
            var item = field[part];
            if (item.IsEmpty)
            {
                continue;
            }

            if (item[0] == (byte)'[')
            {
                ParseOpenSlot(item, ref migrating, ref importing);
                continue;
            }

            var dash = item.IndexOf((byte)'-');
            if (TryParseSlot(dash < 0 ? item : item[..dash], out var first)
                && TryParseSlot(dash < 0 ? item : item[(dash + 1)..], out var last)
                && first <= last)
            {
                slots.Add(first, last);
            }
        }
    }

    // [93->-id] leaves for id, [77-<-id] comes from id
    static void ParseOpenSlot(ReadOnlySpan<byte> item, ref List<OpenSlot>? migrating, ref List<OpenSlot>? importing)
    {
        const int arrowLength = 3;
        var dash = item.IndexOf((byte)'-');
        if (dash < 1
            || item.Length != dash + arrowLength + NodeId.TextLength + 1
            || !TryParseSlot(item[1..dash], out var slot)
            || !NodeId.TryParse(item[(dash + arrowLength)..^1], out var peer))
        {
            return;
        }

        if (item[dash + 1] == (byte)'>')
        {
            (migrating ??= []).Add(new OpenSlot(slot, peer));
        }
        else if (item[dash + 1] == (byte)'<')
        {
            (importing ??= []).Add(new OpenSlot(slot, peer));
        }
    }

    static bool TryParseSlot(ReadOnlySpan<byte> text, out int slot) =>
        Utf8Parser.TryParse(text, out slot, out var used) && used == text.Length && (uint)slot < SlotSet.SlotCount;

    static long ParseNumber(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length ? number : 0;

    static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    readonly record struct Address(string Ip, int Port, int BusPort, string Hostname, IReadOnlyDictionary<string, string> AuxiliaryFields);
}
