using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// Of a slot one server takes writes. Two do for at most 2 x node-timeout, after a fault that cut one of them off or stopped it for a while; and as long as a
/// server that comes back needs to hear that it was replaced.
/// </summary>
sealed class OneWriter() : Law("9", "one writable owner per slot")
{
    /// <summary>A server that comes back hears with the next ping what it missed; those come once a second, and from everybody every half time-out.</summary>
    static readonly TimeSpan Hearsay = TimeSpan.FromSeconds(2);

    readonly SortedDictionary<string, TimeSpan> _since = new(StringComparer.Ordinal);

    public override void Tick()
    {
        var writers = World.Servers.Select(server => (Server: server, Slots: Writable(server))).Where(writer => !writer.Slots.IsEmpty).ToList();
        var pairs = new SortedSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < writers.Count; index++)
        {
            for (var other = index + 1; other < writers.Count; other++)
            {
                if (writers[index].Slots.Overlaps(writers[other].Slots))
                {
                    Judge(writers[index].Server, writers[other].Server, writers[index].Slots.Intersect(writers[other].Slots), pairs);
                }
            }
        }

        foreach (var gone in _since.Keys.Except(pairs).ToList())
        {
            _since.Remove(gone);
        }
    }

    void Judge(ServerProcess one, ServerProcess other, SlotSet slots, SortedSet<string> pairs)
    {
        var pair = $"{one.Name} and {other.Name}";
        pairs.Add(pair);
        _since.TryAdd(pair, World.Simulator.Now);
        var timeout = one.Config.NodeTimeout;
        var calm = World.CalmSince(one) > World.CalmSince(other) ? World.CalmSince(one) : World.CalmSince(other);
        var start = _since[pair] > calm ? _since[pair] : calm;
        var bound = World.IsCutFromMajority(one) || World.IsCutFromMajority(other) ? timeout * 2 : (timeout / 2) + Hearsay;
        if (World.Simulator.Now - start > bound && World.Simulator.Now - _since[pair] > bound)
        {
            Violated(pair, $"both take writes of slots {slots} for {(World.Simulator.Now - _since[pair]).TotalSeconds:0.0} s", "what one of them acknowledges is lost");
            _since[pair] = TimeSpan.MaxValue;
        }
    }

    static SlotSet Writable(ServerProcess server) =>
        server is { IsPaused: false, Data: { IsLoading: false, ArePaused: false }, Cluster: { IsOk: true, Myself: { IsMaster: true } myself } }
            ? server.Cluster.Migrating.IsEmpty ? myself.Slots : myself.Slots.Except(server.Cluster.Migrating)
            : SlotSet.Empty;
}
