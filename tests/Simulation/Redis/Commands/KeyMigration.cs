using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Clients;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Commands;

/// <summary>
/// MIGRATE: keys go to another server and are deleted here, each once the other one has taken it. Meanwhile this server stands still; so does the other one while
/// it takes them, by their size.
/// </summary>
sealed class KeyMigration
{
    const string Unreachable = "IOERR error or timeout connecting to the client";
    const string Silent = "IOERR error or timeout reading to target instance";

    /// <summary>How fast keys go from one server to another, in bytes per second.</summary>
    const double BytesPerSecond = 100e6;

    readonly ServerProcess _server;
    readonly Action<RespValue> _reply;
    readonly bool _copies;
    readonly bool _replaces;
    readonly (string User, string Password)? _credentials;
    readonly List<(string Key, StoredValue Value)> _keys;
    readonly TimeSpan _timeout;
    Appointment? _timer;
    bool _isOver;

    KeyMigration(ServerProcess server, RedisCommand command, Action<RespValue> reply)
    {
        _server = server;
        _reply = reply;
        _timeout = TimeSpan.FromMilliseconds(long.Parse(command.ArgumentText(5), CultureInfo.InvariantCulture) is > 0 and var milliseconds ? milliseconds : 1000);
        _keys = [.. CommandKeys.Of(command, "MIGRATE").Where(key => server.Data.Keys.TryGet(key, out _)).Select(key => (key, server.Data.Keys.TryGet(key, out var value) ? value : default))];
        for (var index = 6; index < command.Arguments.Length; index++)
        {
            switch (command.ArgumentText(index).ToUpperInvariant())
            {
                case "COPY":
                    _copies = true;
                    break;
                case "REPLACE":
                    _replaces = true;
                    break;
                case "AUTH":
                    _credentials = ("default", command.ArgumentText(++index));
                    break;
                case "AUTH2":
                    _credentials = (command.ArgumentText(++index), command.ArgumentText(++index));
                    break;
                case "KEYS":
                    index = command.Arguments.Length;
                    break;
                default:
                    break;
            }
        }
    }

    public static void Begin(ServerProcess server, RedisCommand command, Action<RespValue> reply)
    {
        var migration = new KeyMigration(server, command, reply);
        if (migration._keys.Count == 0)
        {
            reply(RespValue.SimpleString("NOKEY"));
            return;
        }

        migration.Connect(new RedisEndpoint(command.ArgumentText(1), int.Parse(command.ArgumentText(2), CultureInfo.InvariantCulture)));
    }

    void Connect(RedisEndpoint target)
    {
        _server.Block();
        _timer = _server.Simulator.After(_timeout, () => End(RespValue.Error(Unreachable)));
        _server.World.Dial(_server.Address, target.Host, target.Port, () => !_isOver && _server.IsRunning, process =>
        {
            if (process is null)
            {
                End(RespValue.Error(Unreachable));
            }
            else if (!_isOver && _server.IsRunning)
            {
                Send(process);
            }
        });
    }

    void Send(ServerProcess target)
    {
        var transfer = TimeSpan.FromSeconds(_keys.Sum(entry => entry.Value.Size) / BytesPerSecond);
        _timer?.Cancel();
        _timer = _server.Simulator.After(_timeout + transfer, () => End(RespValue.Error(Silent)));
        _server.World.NewWire(_server.Address, target.Address).Send(() => target.Receive(() =>
        {
            var replies = Restore(target);
            if (transfer > TimeSpan.Zero)
            {
                target.Block();
                target.Simulator.After(transfer, target.Unblock);
            }

            _server.Simulator.After(transfer, () => _server.World.NewWire(target.Address, _server.Address).Send(() => Take(replies)));
        }));
    }

    /// <summary>At the target: AUTH, and RESTORE-ASKING of each.</summary>
    List<RespValue> Restore(ServerProcess target)
    {
        var session = new ClientSession(target);
        var replies = new List<RespValue>();
        var refusal = RespValue.Ok;
        if (_credentials is { } credentials)
        {
            session.Execute(new RedisCommand("AUTH", credentials.User, credentials.Password), reply => refusal = reply);
        }

        foreach (var (key, value) in _keys)
        {
            var command = _replaces
                ? new RedisCommand("RESTORE-ASKING", key, 0, KeyDump.Of(value), "REPLACE")
                : new RedisCommand("RESTORE-ASKING", key, 0, KeyDump.Of(value));
            var answer = RespValue.Error("ERR held back");
            session.Execute(command, reply => answer = reply);
            replies.Add(refusal.IsError ? refusal : answer);
        }

        return replies;
    }

    void Take(List<RespValue> replies)
    {
        if (_isOver || !_server.IsRunning)
        {
            return;
        }

        string? error = null;
        for (var index = 0; index < replies.Count; index++)
        {
            if (replies[index].IsError)
            {
                error ??= replies[index].ErrorText;
            }
            else if (!_copies)
            {
                _server.Data.Write(new WriteOperation(WriteKind.Delete, _keys[index].Key));
            }
        }

        End(error is null ? RespValue.Ok : RespValue.Error("ERR Target instance replied with error: " + error));
    }

    void End(RespValue reply)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _timer?.Cancel();
        if (_server.IsRunning)
        {
            // The next command of the same connection comes first, and may be another MIGRATE.
            _server.Unblock(() => _reply(reply));
        }
    }
}
