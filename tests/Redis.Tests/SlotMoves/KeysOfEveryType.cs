using System.Globalization;

namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Keys of every type in certain slots, and what they hold.</summary>
sealed class KeysOfEveryType
{
    const int Types = 7;
    const int SetType = 4;

    readonly List<(RedisCommand Read, RespValue Content)> _keys = [];
    readonly string _expiring;


    KeysOfEveryType(string expiring) => _expiring = expiring;

    public int Count => _keys.Count;

    /// <summary>Writes at least one key of each type, and a hundred strings into the first of the slots.</summary>
    public static async Task<KeysOfEveryType> WriteAsync(RedisConnection connection, SlotSet slots)
    {
        var names = NamesIn(slots).Take(120).ToList();
        var keys = new KeysOfEveryType(names[1]);
        var crowd = Enumerable.Range(0, 100).Select(number => string.Create(CultureInfo.InvariantCulture, $"{{{names[0]}}}:{number}"));
        var commands = names.SelectMany(Write).Concat(crowd.Select(name => new RedisCommand("SET", name, new string('x', 100)))).ToList();
        Assert.All(await connection.ExecuteAsync(commands), reply => Assert.False(reply.IsError, reply.ErrorText));
        foreach (var read in names.Select(Read).Concat(crowd.Select(name => new RedisCommand("DUMP", name))))
        {
            keys._keys.Add((read, await connection.ExecuteAsync(read)));
        }

        return keys;
    }

    /// <summary>Names whose slots are among the given ones.</summary>
    public static IEnumerable<string> NamesIn(SlotSet slots) =>
        Enumerable.Range(0, int.MaxValue)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"key:{number}"))
            .Where(name => slots.Contains(SlotHash.Of(System.Text.Encoding.UTF8.GetBytes(name))));

    /// <summary>All keys are on this server with what was written.</summary>
    public async Task AssertAsync(RedisConnection connection)
    {
        var contents = await connection.ExecuteAsync([.. _keys.Select(key => key.Read)]);
        Assert.Equal(_keys.Select(key => key.Content), contents);
        var ttl = await connection.ExecuteAsync(new RedisCommand("TTL", _expiring));
        Assert.True(ttl.TryGetInteger(out var seconds) && seconds is > 900 and <= 1000, $"the time to live is {ttl.AsText()}");
    }

    /// <summary>The order of a set's members is not part of what it holds.</summary>
    static RedisCommand Read(string name, int index) =>
        index % Types == SetType ? new RedisCommand("SORT", name, "ALPHA") : new RedisCommand("DUMP", name);

    static IEnumerable<RedisCommand> Write(string name, int index)
    {
        RedisArgument key = name;
        return (index % Types) switch
        {
            0 => [new RedisCommand("SET", key, index)],
            1 => [new RedisCommand("SET", key, new string('y', 20_000), "EX", 1000)],
            2 => [new RedisCommand("HSET", key, "field", "value", "number", index)],
            3 => [new RedisCommand("RPUSH", key, "a", "b", "c")],
            SetType => [new RedisCommand("SADD", key, "one", "two", index)],
            5 => [new RedisCommand("ZADD", key, 1, "first", 2, "second")],
            _ => [new RedisCommand("XADD", key, "1-1", "field", "value"), new RedisCommand("XGROUP", "CREATE", key, "readers", "0")],
        };
    }
}
