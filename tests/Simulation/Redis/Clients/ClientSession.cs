using Slotwise.Redis;
using Slotwise.Simulation.Redis.Commands;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Clients;

/// <summary>What a server remembers of one connection: who it is, and what applies to its next command.</summary>
sealed class ClientSession(ServerProcess server)
{
    List<RedisCommand>? _transaction;
    bool _isTransactionBroken;

    /// <summary>ASKING came before.</summary>
    public bool IsAsking { get; private set; }

    /// <summary>READONLY came before.</summary>
    public bool IsReadOnly { get; private set; }

    /// <summary>Whom it has proved to be; null for nobody yet.</summary>
    public string? User { get; private set; } = server.Users is { } users && users.GetValueOrDefault("default") is not "" ? null : "default";

    /// <summary>Carries a command out; the answer may come later.</summary>
    public void Execute(RedisCommand command, Action<RespValue> reply)
    {
        var name = command.Name;
        switch (name)
        {
            case "AUTH":
                reply(Authenticate(command));
                return;
            case "HELLO" or "PING" when User is not null && !(server.Data.IsLoading && name == "PING"):
                reply(name == "PING" ? RespValue.Pong : RespValue.Map(RespValue.Text("proto"), RespValue.Integer(3)));
                return;
            case "ASKING":
                IsAsking = true;
                reply(RespValue.Ok);
                return;
            case "READONLY" or "READWRITE":
                IsReadOnly = name == "READONLY";
                reply(RespValue.Ok);
                return;
            case "MULTI":
                _transaction = [];
                _isTransactionBroken = false;
                reply(RespValue.Ok);
                return;
            case "EXEC":
                reply(ExecuteTransaction());
                return;
            default:
                break;
        }

        var isAsking = IsAsking || name == "RESTORE-ASKING";
        IsAsking = false;
        var refusal = Refuse(command, name, isAsking);
        if (_transaction is not null)
        {
            _isTransactionBroken |= refusal is not null;
            _transaction.Add(command);
            reply(refusal ?? RespValue.SimpleString("QUEUED"));
            return;
        }

        if (refusal is { } error)
        {
            reply(error);
        }
        else if (server.Data.ArePaused && CommandKinds.WritesKeys(name))
        {
            server.Data.WhenWritable(() => ExecuteHeldBack(command, isAsking, reply));
        }
        else
        {
            CommandTable.Execute(server, command, reply);
        }
    }

    void ExecuteHeldBack(RedisCommand command, bool isAsking, Action<RespValue> reply)
    {
        IsAsking = isAsking;
        Execute(command, reply);
    }

    RespValue ExecuteTransaction()
    {
        if (_transaction is not { } commands)
        {
            return RespValue.Error("ERR EXEC without MULTI");
        }

        _transaction = null;
        if (_isTransactionBroken)
        {
            return RespValue.Error("EXECABORT Transaction discarded because of previous errors.");
        }

        var replies = new RespValue[commands.Count];
        for (var index = 0; index < replies.Length; index++)
        {
            var at = index;
            CommandTable.Execute(server, commands[index], reply => replies[at] = reply);
        }

        return RespValue.Array(replies);
    }

    RespValue Authenticate(RedisCommand command)
    {
        var user = command.Arguments.Length > 2 ? command.ArgumentText(1) : "default";
        var password = command.ArgumentText(command.Arguments.Length - 1);
        if (server.Users is { } users && (users.GetValueOrDefault(user) is not { } known || (known.Length > 0 && known != password)))
        {
            return RespValue.Error("WRONGPASS invalid username-password pair or user is disabled.");
        }

        User = user;
        return RespValue.Ok;
    }

    /// <summary>Why the server does not even look at a command: processCommand of server.c.</summary>
    RespValue? Refuse(RedisCommand command, string name, bool isAsking)
    {
        if (User is null)
        {
            return RespValue.Error("NOAUTH Authentication required.");
        }

        var keys = CommandKeys.Of(command, name);
        if (keys.Count > 0 && Redirection.Find(server, name, keys, isAsking, IsReadOnly) is { } redirection)
        {
            return redirection;
        }

        if (name is "SET" or "RESTORE" or "RESTORE-ASKING" && ServerMemory.IsFull(server))
        {
            return RespValue.Error("OOM command not allowed when used memory > 'maxmemory'.");
        }

        if (CommandKinds.WritesKeys(name) && RefuseWrite() is { } refusal)
        {
            return refusal;
        }

        return server.Data.IsLoading && !CommandKinds.IsAnsweredWhileLoading(name)
            ? RespValue.Error($"LOADING {server.Profile.Title} is loading the dataset in memory")
            : null;
    }

    RespValue? RefuseWrite()
    {
        if (server.Data.IsAppendBroken)
        {
            return RespValue.Error("MISCONF Errors writing to the AOF file: No space left on device");
        }

        if (!server.Replication.IsOff)
        {
            return RespValue.Error("READONLY You can't write against a read only replica.");
        }

        return server.Config.MinReplicasToWrite > server.Replication.GoodReplicas ? RespValue.Error("NOREPLICAS Not enough good replicas to write.") : null;
    }
}
