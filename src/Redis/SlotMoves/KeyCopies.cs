namespace Slotwise.Redis.SlotMoves;

/// <summary>
/// Compares what source and target hold under the same keys. DEBUG DIGEST-VALUE, made for this, is usually disabled, so the contents themselves are
/// compared: as DUMP has them, and where equal contents may be stored in different orders or pieces, element by element.
/// </summary>
sealed class KeyCopies(SlotMove move)
{
    /// <summary>Keys larger than this are not compared: both servers and the operator would be busy with it for too long.</summary>
    const long MaxBytes = 16 << 20;

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);
    static readonly RedisCommand Asking = new("ASKING");

    /// <summary>
    /// Sorts keys into those of which the target has no copy or the same one, and those of which it has a different one, or one too large to compare.
    /// </summary>
    public async Task<(IReadOnlyList<SizedKey> Same, IReadOnlyList<SizedKey> Different)> CompareAsync(
        IReadOnlyList<SizedKey> keys,
        CancellationToken cancellationToken)
    {
        var same = new List<SizedKey>();
        var different = new List<SizedKey>();
        foreach (var key in keys)
        {
            (key.Bytes <= MaxBytes && await AreSameAsync(key.Name, cancellationToken) ? same : different).Add(key);
        }

        return (same, different);
    }

    async Task<bool> AreSameAsync(byte[] key, CancellationToken cancellationToken)
    {
        var (source, target) = await AskBothAsync([new RedisCommand("TYPE", key), new RedisCommand("DUMP", key)], cancellationToken);
        if (IsGone(source[1]) || IsGone(target[1]) || source[1] == target[1])
        {
            return true;
        }

        if (source[0] != target[0] || Contents(source[0].AsText(), key) is not { } read)
        {
            return false;
        }

        (source, target) = await AskBothAsync([read], cancellationToken);
        return IsGone(source[0]) || HoldSame(source[0], target[0]);
    }

    /// <summary>Whether there is no such key (any more): the source of a slot that migrates then refers to the target.</summary>
    public static bool IsGone(RespValue reply) => reply.IsNull || reply.ErrorCode == "ASK";

    static RedisCommand? Contents(string? type, byte[] key) => type switch
    {
        "hash" => new RedisCommand("HGETALL", key),
        "set" => new RedisCommand("SMEMBERS", key),
        "zset" => new RedisCommand("ZRANGE", key, 0, -1, "WITHSCORES"),
        "list" => new RedisCommand("LRANGE", key, 0, -1),
        _ => null,
    };

    /// <summary>What a hash or a set holds has no order.</summary>
    static bool HoldSame(RespValue one, RespValue other) => one.Kind switch
    {
        RespKind.Map or RespKind.Set => one.Kind == other.Kind && Sorted(one).SequenceEqual(Sorted(other)),
        _ => one == other,
    };

    /// <summary>The members of a set or the fields of a hash with their values, by their bytes, which become characters one to one.</summary>
    static IEnumerable<(string Name, string Value)> Sorted(RespValue reply)
    {
        var width = reply.Kind == RespKind.Map ? 2 : 1;
        return reply.Items.ToArray()
            .Chunk(width)
            .Select(entry => (Name: Latin(entry[0]), Value: width == 1 ? "" : Latin(entry[1])))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal);
    }

    static string Latin(RespValue text) => System.Text.Encoding.Latin1.GetString(text.Bytes);

    /// <summary>The target does not own the slot yet and answers only to those who say that they were sent.</summary>
    async Task<(IReadOnlyList<RespValue> Source, IReadOnlyList<RespValue> Target)> AskBothAsync(RedisCommand[] commands, CancellationToken cancellationToken)
    {
        var source = await move.Source.Session.ExecuteAsync(commands, AnswerWithin, cancellationToken);
        var target = await move.Target.Session.ExecuteAsync([.. commands.SelectMany(command => new[] { Asking, command })], AnswerWithin, cancellationToken);
        return ([.. source.Select(ThrowIfRefused)], [.. target.Where((_, index) => int.IsOddInteger(index)).Select(ThrowIfRefused)]);
    }

    static RespValue ThrowIfRefused(RespValue reply) => IsGone(reply) ? reply : reply.ThrowIfError();
}
