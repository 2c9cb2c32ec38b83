namespace Slotwise.Redis;

/// <summary>What commands answer, taken out of a reply that is no error; a reply of another shape is a <see cref="FormatException"/>.</summary>
static class Replies
{
    public static ReadOnlyMemory<byte> Bytes(RespValue reply) =>
        reply.Kind is RespKind.BulkString or RespKind.SimpleString or RespKind.VerbatimString ? reply.AsMemory() : throw Not("text", reply);

    public static string Text(RespValue reply) => reply.AsText() ?? throw Not("text", reply);

    public static long Integer(RespValue reply) => reply.TryGetInteger(out var number) ? number : throw Not("number", reply);

    public static NodeId NodeId(RespValue reply) => Redis.NodeId.TryParse(reply.Bytes, out var id) ? id : throw Not("node id", reply);

    /// <summary>Whatever was answered; for commands of which only a refusal matters.</summary>
    public static string Done(RespValue reply) => reply.AsText() ?? "";

    public static IReadOnlyList<byte[]> Blobs(RespValue reply)
    {
        var blobs = new byte[reply.Items.Length][];
        for (var i = 0; i < blobs.Length; i++)
        {
            blobs[i] = reply.Items[i].Bytes.ToArray();
        }

        return blobs;
    }

    /// <summary>A map of texts, from RESP3's map or RESP2's flat array.</summary>
    public static IReadOnlyDictionary<string, string> Map(RespValue reply)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < reply.Items.Length; i += 2)
        {
            map[Text(reply.Items[i])] = Text(reply.Items[i + 1]);
        }

        return map;
    }

    /// <summary>The value of a key in a map of anything, from RESP3's map or RESP2's flat array.</summary>
    public static RespValue Find(RespValue map, string key)
    {
        for (var i = 0; i + 1 < map.Items.Length; i += 2)
        {
            if (map.Items[i].AsText() == key)
            {
                return map.Items[i + 1];
            }
        }

        throw new FormatException($"a map with {key} was expected, not {map.Kind}");
    }

    static FormatException Not(string expected, RespValue reply) => new($"a {expected} was expected, not {reply.Kind}");
}
