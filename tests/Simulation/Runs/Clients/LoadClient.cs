using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Clients;

namespace Slotwise.Simulation.Runs;

/// <summary>
/// An application: writes its own keys and reads them, one command after the other, and finds out by redirections who owns what. It reaches servers over the
/// network as everybody does.
/// </summary>
sealed class LoadClient(RunWorld world, int number, IReadOnlyList<string> keys)
{
    const int MaxRedirections = 4;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    readonly Random _random = world.Simulator.NewRandom(string.Create(CultureInfo.InvariantCulture, $"client {number}"));
    readonly SimulatedNodes _nodes = world.Redis.NodesFor(AddressOf(number));
    readonly SortedDictionary<int, string> _owners = [];
    readonly SortedDictionary<string, long> _versions = new(StringComparer.Ordinal);
    readonly string[] _keys = [.. keys];
    int _renamed;

    public static string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"client-{number}");

    /// <summary>Until the run is over.</summary>
    public async Task RunAsync(Func<bool> isOver)
    {
        while (!isOver())
        {
            await Task.Delay(world.Scenario.Shape.Pause * (0.5 + _random.NextDouble()), world.Simulator.Time);
            var place = _random.Next(_keys.Length);
            var key = _keys[place];
            if (_random.Next(4) == 0)
            {
                await ExecuteAsync(key, new RedisCommand("GET", key));
                continue;
            }

            var version = _versions[key] = _versions.GetValueOrDefault(key) + 1;
            var outcome = await ExecuteAsync(key, new RedisCommand("SET", key, VersionedValue.Write(version)));
            if (outcome is { Reply.IsError: false } done)
            {
                world.Acknowledge(key, version, done.Address);
            }
            else if (outcome is null)
            {
                // It may still be on its way, and arrive after a later one: the key is not written again.
                _keys[place] = string.Create(CultureInfo.InvariantCulture, $"{keys[place]}.{++_renamed}");
            }
        }
    }

    /// <summary>Null when nobody could be asked or the answer was lost.</summary>
    async Task<(string Address, RespValue Reply)?> ExecuteAsync(string key, RedisCommand command)
    {
        var slot = SlotHash.Of(key);
        var address = _owners.GetValueOrDefault(slot) ?? AnyAddress();
        var isAsked = false;
        for (var attempt = 0; attempt <= MaxRedirections && address is not null; attempt++)
        {
            try
            {
                RedisCommand[] commands = isAsked ? [new RedisCommand("ASKING"), command] : [command];
                var reply = (await _nodes.Get(new RedisEndpoint(address, Reconcilers.Resources.ClusterPorts.Data), address, null).ExecuteAsync(commands, Patience, CancellationToken.None))[^1];
                if (!reply.IsError || reply.ErrorText.Split(' ') is not [("MOVED" or "ASK") and var way, _, var place, ..])
                {
                    if (reply.IsError)
                    {
                        _owners.Remove(slot);
                    }

                    return (address, reply);
                }

                address = place[..place.LastIndexOf(':')];
                isAsked = way == "ASK";
                if (!isAsked)
                {
                    _owners[slot] = address;
                }
            }
            catch (RedisException)
            {
                _owners.Remove(slot);
                return null;
            }
        }

        return null;
    }

    string? AnyAddress()
    {
        var addresses = world.ServiceAddresses;
        return addresses.Count == 0 ? null : addresses[_random.Next(addresses.Count)];
    }
}
