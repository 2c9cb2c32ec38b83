using System.Globalization;
using System.Text;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>The oracle of law 1: what clients wrote must be there, whatever is moved and healed.</summary>
sealed class KeyLedger(ModelRedis redis)
{
    readonly SortedDictionary<string, string> _written = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Keys => _written.Keys;

    /// <summary>Writes keys through the masters that own their slots, to replicas too.</summary>
    public void Fill(int count)
    {
        for (var index = 0; index < count; index++)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"key:{_written.Count}"));
        }

        redis.Replicate();
    }

    /// <summary>Writes one key to the master that owns its slot.</summary>
    public void Write(string key)
    {
        var slot = SlotHash.Of(key);
        var master = Masters().FirstOrDefault(server => server.Slots.Contains(slot)) ?? throw new InvalidOperationException($"nobody owns slot {slot}");
        WriteTo(master, key);
    }

    /// <summary>Writes one key to that server, which perhaps imports its slot.</summary>
    public void WriteTo(ModelServer server, string key)
    {
        var value = $"value of {key}";
        server.Put(key, value);
        _written[key] = value;
    }

    /// <summary>Clients deleted all keys of these slots.</summary>
    public void Forget(SlotSet slots)
    {
        foreach (var key in _written.Keys.Where(key => slots.Contains(SlotHash.Of(key))).ToList())
        {
            _written.Remove(key);
        }
    }

    /// <summary>A key of that slot that nobody wrote yet.</summary>
    public string NewKey(int slot)
    {
        for (var number = 0; ; number++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"slot:{number}");
            if (SlotHash.Of(key) == slot && !_written.ContainsKey(key))
            {
                return key;
            }
        }
    }

    /// <summary>Every key is on some server, if only on a replica, with its value.</summary>
    public void AssertNoKeyLost() => Assert.Empty(_written.Where(entry => !redis.Servers.Any(server => Holds(server, entry.Key, entry.Value))).Select(entry => entry.Key));

    /// <summary>Every key is where clients look for it, on the master that owns its slot, and on no other.</summary>
    /// <param name="mayStray">A copy may be left on a former replica that missed who owned the slot when it was elected.</param>
    public void AssertServed(bool mayStray = false)
    {
        var masters = Masters().ToList();
        foreach (var (key, value) in _written)
        {
            var holders = masters.Where(server => server.Data.Get(key) is not null).ToList();
            Assert.True(holders.Exists(holder => Holds(holder, key, value) && holder.Slots.Contains(SlotHash.Of(key))) && (mayStray || holders.Count == 1), $"{key} of slot {SlotHash.Of(key)} is on {string.Join(", ", holders.Select(server => server.Address))}");
        }
    }

    /// <summary>
    /// All slots have exactly one owner, on which all servers agree; no slot is open; nobody knows a node that is not there; replicas are copies.
    /// </summary>
    public void AssertWhole(int shards, int replicas, bool mayStray = false)
    {
        var masters = redis.Servers.Where(server => !server.Slots.IsEmpty).ToList();
        Assert.Equal(shards, masters.Count);
        Assert.Equal(SlotSet.SlotCount, masters.Sum(master => master.Slots.Count));
        Assert.Equal(SlotSet.Full, masters.Aggregate(SlotSet.Empty, (all, master) => all.Union(master.Slots)));
        foreach (var server in redis.Servers)
        {
            Assert.Equal(redis.Servers.Count - 1, server.Known.Count());
            Assert.All(masters.Where(master => master != server), master => Assert.Equal(master.Slots, server.Believes(master.Id)?.Slots));
            Assert.True(server.MasterId is not null || (server.Migrating.IsEmpty && server.Importing.IsEmpty), $"{server.Address} has open slots");
        }

        foreach (var master in masters)
        {
            var followers = redis.Servers.Where(server => server.MasterId == master.Id).ToList();
            Assert.Equal(replicas, followers.Count);
            Assert.All(followers, replica => Assert.Equal(master.Data.All.Select(entry => entry.Key), replica.Data.All.Select(entry => entry.Key)));
        }

        AssertServed(mayStray);
    }

    IEnumerable<ModelServer> Masters() => redis.Servers.Where(server => server.MasterId is null);

    static bool Holds(ModelServer server, string key, string value) => server.Data.Get(key) is { } held && Encoding.UTF8.GetString(held) == value;
}
