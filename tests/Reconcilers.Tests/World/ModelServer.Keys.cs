using System.Globalization;
using System.Text;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Commands about keys, memory and the server itself.</summary>
sealed partial class ModelServer
{
    /// <summary>Memory that an empty server uses, in bytes.</summary>
    const long EmptyMemory = 1_000_000;

    public SortedSet<string> Functions { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Config { get; } = new(StringComparer.Ordinal)
    {
        ["cluster-node-timeout"] = "15000",
        ["maxmemory"] = "0",
        ["maxmemory-policy"] = "noeviction",
        ["proc-title-template"] = "{title} {listen-addr} {server-mode}",
    };

    public long UsedMemory => EmptyMemory + Data.Bytes;

    public void Put(string key, string value) => Data.Put(key, Encoding.UTF8.GetBytes(value));

    RespValue KeysInSlot(RedisCommand command)
    {
        var keys = Data.KeysIn(Slot(command.ArgumentText(2)), int.Parse(command.ArgumentText(3), CultureInfo.InvariantCulture));
        return RespValue.Array([.. keys.Select(RespValue.Text)]);
    }

    RespValue MemoryUsage(RedisCommand command)
    {
        var key = command.ArgumentText(2);
        return Data.Get(key) is not { } value ? RespValue.Null
            : RespValue.Integer(_network.LargeKeys.TryGetValue(key, out var bytes) ? bytes : ModelData.SizeOf(key, value));
    }

    RespValue Dump(RedisCommand command) => Data.Get(command.ArgumentText(1)) is { } value ? RespValue.Blob(value) : RespValue.Null;

    /// <summary>MIGRATE host port "" 0 timeout [REPLACE] [AUTH2 user password] KEYS key ...</summary>
    RespValue Migrate(RedisCommand command)
    {
        var words = Enumerable.Range(0, command.Arguments.Length).Select(command.ArgumentText).ToList();
        var at = words.IndexOf("KEYS");
        var replaces = words.IndexOf("REPLACE") is > 0 and var place && place < at;
        var present = words.Skip(at + 1).Where(key => Data.Get(key) is not null).ToList();
        if (present.Count == 0)
        {
            return RespValue.SimpleString("NOKEY");
        }

        if (_network.Find(words[1]) is not { IsCutOff: false, IsOutOfReach: false } target)
        {
            return RespValue.Error("IOERR error or timeout connecting to the client");
        }

        string? error = null;
        foreach (var key in present)
        {
            if (target.Restore(key, Data.Get(key)!, replaces) is { } refusal)
            {
                error ??= refusal;
                continue;
            }

            Data.Remove(key);
        }

        return error is null ? RespValue.Ok : RespValue.Error("ERR Target instance replied with error: " + error);
    }

    /// <summary>RESTORE-ASKING; null when it took the key.</summary>
    string? Restore(string key, byte[] value, bool replaces)
    {
        var slot = SlotHash.Of(key);
        if (MasterId is not null || (!Slots.Contains(slot) && !_importing.ContainsKey(slot)))
        {
            var owner = _others.Values.FirstOrDefault(belief => belief.Slots.Contains(slot));
            return owner is null ? "CLUSTERDOWN Hash slot not served" : $"MOVED {slot} {owner.Address}:6379";
        }

        if (Data.Get(key) is not null && !replaces)
        {
            return "BUSYKEY Target key name already exists.";
        }

        var limit = long.Parse(Config["maxmemory"], CultureInfo.InvariantCulture);
        if (limit > 0 && UsedMemory + ModelData.SizeOf(key, value) > limit)
        {
            return "OOM command not allowed when used memory > 'maxmemory'.";
        }

        Data.Put(key, value);
        return null;
    }

    RespValue GetConfig(RedisCommand command)
    {
        var items = new List<RespValue>();
        for (var index = 2; index < command.Arguments.Length; index++)
        {
            if (Config.TryGetValue(command.ArgumentText(index), out var value))
            {
                items.Add(RespValue.Text(command.ArgumentText(index)));
                items.Add(RespValue.Text(value));
            }
        }

        return RespValue.Array([.. items]);
    }

    RespValue SetConfig(RedisCommand command)
    {
        for (var index = 2; index + 1 < command.Arguments.Length; index += 2)
        {
            Config[command.ArgumentText(index)] = command.ArgumentText(index + 1);
        }

        return RespValue.Ok;
    }

    RespValue RestoreFunctions(RedisCommand command)
    {
        var names = command.ArgumentText(2).Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (Functions.Overlaps(names))
        {
            return RespValue.Error($"ERR Library {names[0]} already exists");
        }

        Functions.UnionWith(names);
        return RespValue.Ok;
    }

    RespValue CommandInfo(RedisCommand command)
    {
        var answers = new List<RespValue>();
        for (var index = 2; index < command.Arguments.Length; index++)
        {
            var name = command.ArgumentText(index);
            var isThere = name == "cluster|migration" ? _network.HasRedisTasks
                : _network.HasValkeyJobs && name is "cluster|migrateslots" or "cluster|getslotmigrations" or "cluster|cancelslotmigrations";
            answers.Add(isThere ? RespValue.Array(RespValue.Text(name)) : RespValue.Null);
        }

        return RespValue.Array([.. answers]);
    }
}
