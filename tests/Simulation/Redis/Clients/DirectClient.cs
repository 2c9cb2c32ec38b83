using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Clients;

/// <summary>An application in a run: it sets and gets single keys, follows redirections, and says exactly what it was answered.</summary>
public sealed class DirectClient(RedisWorld world, string from)
{
    const int MaxRedirections = 5;

    static readonly RedisCommand Asking = new("ASKING");

    readonly SortedDictionary<RedisEndpoint, ClientConnection> _connections = new(Comparer<RedisEndpoint>.Create((one, other) =>
        string.CompareOrdinal(one.Host, other.Host) is var order && order != 0 ? order : one.Port.CompareTo(other.Port)));

    readonly SortedDictionary<int, RedisEndpoint> _owners = [];

    /// <summary>SET. Begins with whom it last knew as the owner of the key's slot, else with any server that runs.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeout">For everything, redirections included.</param>
    public Task<DirectAnswer> SetAsync(string key, string value, TimeSpan timeout) => SendAsync(key, new RedisCommand("SET", key, value), timeout);

    /// <summary>GET.</summary>
    public Task<DirectAnswer> GetAsync(string key, TimeSpan timeout) => SendAsync(key, new RedisCommand("GET", key), timeout);

    /// <summary>DEL.</summary>
    public Task<DirectAnswer> DeleteAsync(string key, TimeSpan timeout) => SendAsync(key, new RedisCommand("DEL", key), timeout);

    async Task<DirectAnswer> SendAsync(string key, RedisCommand command, TimeSpan timeout)
    {
        var slot = SlotHash.Of(key);
        var end = world.Simulator.Now + timeout;
        var isAsked = false;
        if (!_owners.TryGetValue(slot, out var endpoint) && !TryFindAny(out endpoint))
        {
            return new DirectAnswer(null, "nobody runs", false, null, null, 0);
        }

        for (var hop = 0; ; hop++)
        {
            ClientConnection? connection = null;
            try
            {
                connection = await ConnectAsync(endpoint, end - world.Simulator.Now);
                var replies = await Dialling.ExecuteAsync(world, connection, endpoint, isAsked ? [Asking, command] : [command], end - world.Simulator.Now, CancellationToken.None);
                var reply = replies[^1];
                if (hop < MaxRedirections && reply.ErrorCode is "MOVED" or "ASK" && ReadTarget(reply.ErrorText) is { } target)
                {
                    isAsked = reply.ErrorCode == "ASK";
                    endpoint = target;
                    if (!isAsked)
                    {
                        _owners[slot] = target;
                    }

                    continue;
                }

                return new DirectAnswer(reply, reply.ErrorText, false, connection.Process, connection.Position.History, connection.Position.Offset);
            }
            catch (RedisConnectionException e)
            {
                _owners.Remove(slot);
                _connections.Remove(endpoint);
                return new DirectAnswer(null, e.Message, e.MayHaveBeenCarriedOut, connection?.Process, null, 0);
            }
        }
    }

    async Task<ClientConnection> ConnectAsync(RedisEndpoint endpoint, TimeSpan timeout)
    {
        if (_connections.TryGetValue(endpoint, out var open) && open.IsOpen)
        {
            return open;
        }

        return _connections[endpoint] = await Dialling.ConnectAsync(world, from, endpoint, null, timeout, CancellationToken.None);
    }

    bool TryFindAny(out RedisEndpoint endpoint)
    {
        var first = world.Running.FirstOrDefault(process => world.Network.Reaches(from, process.Address));
        endpoint = first is null ? default : new RedisEndpoint(first.Address, first.Setup.Port);
        return first is not null;
    }

    /// <summary>MOVED 3999 10.0.0.2:6379</summary>
    static RedisEndpoint? ReadTarget(string error)
    {
        var address = error.Split(' ')[^1];
        var colon = address.LastIndexOf(':');
        return colon > 0 && int.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? new RedisEndpoint(address[..colon], port) : null;
    }
}

/// <summary>What became of a command of <see cref="DirectClient"/>.</summary>
/// <param name="Reply">What was answered last; null where the connection failed.</param>
/// <param name="Error">The server's or the connection's error; empty for none.</param>
/// <param name="MayHaveBeenCarriedOut">Whether it may have taken effect though it was not answered.</param>
/// <param name="Server">Who got it last.</param>
/// <param name="History">The history of that server when it had carried it out.</param>
/// <param name="Offset">Where in that history a write ends at the latest: whoever has the history up to there has the write.</param>
public sealed record DirectAnswer(RespValue? Reply, string Error, bool MayHaveBeenCarriedOut, ServerProcess? Server, History? History, long Offset)
{
    public bool IsAcknowledged => Reply is { IsError: false };
}
