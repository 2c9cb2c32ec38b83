using System.Collections.Immutable;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Commands;

/// <summary>What commands do once nothing speaks against them.</summary>
static class CommandTable
{
    public static void Execute(ServerProcess server, RedisCommand command, Action<RespValue> reply)
    {
        switch (command.Name)
        {
            case "MIGRATE":
                KeyMigration.Begin(server, command, reply);
                return;
            case "CLUSTER SETSLOT":
                server.Cluster.SetSlot(command, reply);
                return;
            default:
                reply(Execute(server, command));
                return;
        }
    }

    static RespValue Execute(ServerProcess server, RedisCommand command)
    {
        var name = command.Name;
        if (name.StartsWith("CLUSTER ", StringComparison.Ordinal))
        {
            return server.Cluster.Execute(command, name);
        }

        var keys = server.Data.Keys;
        return name switch
        {
            "GET" => keys.TryGet(command.ArgumentText(1), out var value) ? RespValue.Text(value.Text) : RespValue.Null,
            "SET" => Set(server, command),
            "DEL" => Delete(server, CommandKeys.Of(command, name)),
            "EXISTS" => RespValue.Integer(CommandKeys.Of(command, name).Count(key => keys.TryGet(key, out _))),
            "TYPE" => RespValue.SimpleString(keys.TryGet(command.ArgumentText(1), out _) ? "string" : "none"),
            "DUMP" => keys.TryGet(command.ArgumentText(1), out var value) ? RespValue.Text(KeyDump.Of(value)) : RespValue.Null,
            "RESTORE" or "RESTORE-ASKING" => Restore(server, command),
            "DBSIZE" => RespValue.Integer(keys.Count),
            "MEMORY USAGE" => keys.TryGet(command.ArgumentText(2), out var value) ? RespValue.Integer(Keyspace.SizeOf(command.ArgumentText(2), value)) : RespValue.Null,
            "INFO" => RespValue.Text(InfoText.Of(server)),
            "CONFIG GET" => GetConfig(server, command),
            "CONFIG SET" => SetConfig(server, command),
            "ACL LOAD" => LoadUsers(server),
            "ACL WHOAMI" => RespValue.Text("default"),
            "COMMAND INFO" => DescribeCommands(server, command),
            "FUNCTION LIST" => RespValue.Array([.. keys.Functions.Select(library => RespValue.Text(library))]),
            "FUNCTION DUMP" => RespValue.Text(string.Join(',', keys.Functions)),
            "FUNCTION RESTORE" => RestoreFunctions(server, command),
            _ => RespValue.Error($"ERR unknown command '{name}'"),
        };
    }

    static RespValue Set(ServerProcess server, RedisCommand command)
    {
        server.Data.Write(new WriteOperation(WriteKind.Set, command.ArgumentText(1), new StoredValue(command.ArgumentText(2))));
        return RespValue.Ok;
    }

    static RespValue Delete(ServerProcess server, IReadOnlyList<string> keys)
    {
        var count = 0;
        foreach (var key in keys)
        {
            if (server.Data.Keys.TryGet(key, out _))
            {
                server.Data.Write(new WriteOperation(WriteKind.Delete, key));
                count++;
            }
        }

        return RespValue.Integer(count);
    }

    static RespValue Restore(ServerProcess server, RedisCommand command)
    {
        var key = command.ArgumentText(1);
        var replaces = command.Arguments.Length > 4 && command.ArgumentText(4).Equals("REPLACE", StringComparison.OrdinalIgnoreCase);
        if (!replaces && server.Data.Keys.TryGet(key, out _))
        {
            return RespValue.Error("BUSYKEY Target key name already exists.");
        }

        server.Data.Write(new WriteOperation(WriteKind.Set, key, KeyDump.Read(command.ArgumentText(3))));
        return RespValue.Ok;
    }

    static RespValue GetConfig(ServerProcess server, RedisCommand command)
    {
        var items = new List<RespValue>();
        for (var index = 2; index < command.Arguments.Length; index++)
        {
            foreach (var (name, value) in server.Config.Matching(command.ArgumentText(index)))
            {
                items.Add(RespValue.Text(name));
                items.Add(RespValue.Text(value));
            }
        }

        return RespValue.Array([.. items]);
    }

    static RespValue SetConfig(ServerProcess server, RedisCommand command)
    {
        for (var index = 2; index + 1 < command.Arguments.Length; index += 2)
        {
            if (!server.Config.TrySet(command.ArgumentText(index), command.ArgumentText(index + 1)))
            {
                return RespValue.Error($"ERR Unknown option or number of arguments for CONFIG SET - '{command.ArgumentText(index)}'");
            }
        }

        server.Cluster.UpdateMyself();
        return RespValue.Ok;
    }

    static RespValue LoadUsers(ServerProcess server)
    {
        server.ReadUsersAgain();
        if (server.Profile.CutsConnectionsWithUsers)
        {
            // Once this is answered.
            server.After(TimeSpan.Zero, server.CutUsers);
        }

        return RespValue.Ok;
    }

    static RespValue DescribeCommands(ServerProcess server, RedisCommand command)
    {
        var answers = new List<RespValue>();
        for (var index = 2; index < command.Arguments.Length; index++)
        {
            var name = command.ArgumentText(index);
            var isKnown = name switch
            {
                "cluster|migration" => server.Profile.HasSlotTasks,
                "cluster|migrateslots" or "cluster|getslotmigrations" or "cluster|cancelslotmigrations" => server.Profile.HasSlotJobs,
                _ => true,
            };
            answers.Add(isKnown ? RespValue.Array(RespValue.Text(name)) : RespValue.Null);
        }

        return RespValue.Array([.. answers]);
    }

    static RespValue RestoreFunctions(ServerProcess server, RedisCommand command)
    {
        var libraries = command.ArgumentText(2).Split(',', StringSplitOptions.RemoveEmptyEntries).ToImmutableSortedSet(StringComparer.Ordinal);
        var known = server.Data.Keys.Functions;
        if (libraries.FirstOrDefault(known.Contains) is { } twice)
        {
            return RespValue.Error($"ERR Library {twice} already exists");
        }

        server.Data.Write(new WriteOperation(WriteKind.Functions) { Functions = known.Union(libraries) });
        return RespValue.Ok;
    }
}
