using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Differential;

/// <summary>
/// A random walk over commands and faults: what was done, what was answered, and what all servers said once they had settled. It is walked by simulated servers
/// first, which say where it leads; real ones then have to get to the same places.
/// </summary>
sealed class Walk
{
    const int Servers = 6;
    const int Masters = 3;

    /// <summary>Nothing may change for so long before they count as settled: gossip tells everybody everything within half a node time-out.</summary>
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    readonly Simulator _simulator;
    readonly Random _random;
    readonly List<Leg> _legs = [];
    readonly SortedSet<int> _down = [];

    Walk(ulong seed)
    {
        _simulator = new Simulator(seed);
        _random = _simulator.NewRandom("walk");
        var suffix = 0;
        for (var master = 0; master < Masters; master++)
        {
            for (var number = 0; number < 2; suffix++)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"key-{suffix}");
                if (SlotHash.Of(key) * Masters / SlotSet.SlotCount == master)
                {
                    Keys.Add(key);
                    number++;
                }
            }
        }
    }

    public static IReadOnlyList<(string Name, string Value)> Directives { get; } =
    [
        ("cluster-node-timeout", "1000"),
        ("cluster-allow-replica-migration", "no"),
        ("cluster-require-full-coverage", "no"),
        ("repl-diskless-sync-delay", "0"),
        ("appendonly", "yes"),

        // A ping in the replication stream at the wrong moment is the difference between a partial and a full copy.
        ("repl-ping-replica-period", "3600"),
    ];

    public IReadOnlyList<Leg> Legs => _legs;

    /// <summary>Two keys of each third of the slots.</summary>
    public List<string> Keys { get; } = [];

    public IReadOnlyList<int> Slots => [.. Keys.Select(SlotHash.Of)];

    /// <summary>Has simulated servers walk.</summary>
    public static Walk Take(ulong seed, ServerProfile profile, int steps)
    {
        var walk = new Walk(seed);
        walk._simulator.Run(() => walk.WalkAsync(new ModelSubject(walk._simulator, profile, Servers, Directives), steps));
        return walk;
    }

    /// <summary>How a cluster is formed, up to the replicas, which follow when all know all.</summary>
    public static IEnumerable<Step> Form()
    {
        // Of all, so that no two nodes have to settle by their ids who gives way.
        for (var server = 0; server < Servers; server++)
        {
            yield return new Send(server, "CLUSTER", "SET-CONFIG-EPOCH", Text(server + 1));
        }

        for (var master = 0; master < Masters; master++)
        {
            yield return new Send(master, "CLUSTER", "ADDSLOTSRANGE", Text(First(master)), Text(First(master + 1) - 1));
        }

        for (var server = 1; server < Servers; server++)
        {
            yield return new Send(server, "CLUSTER", "MEET", "{ip:0}", "6379", "17000");
        }
    }

    public static IEnumerable<Step> FollowMasters() =>
        Enumerable.Range(Masters, Masters).Select(replica => new Send(replica, "CLUSTER", "REPLICATE", $"{{id:{replica - Masters}}}"));

    static int First(int master) => ((SlotSet.SlotCount * master) + Masters - 1) / Masters;

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    async Task WalkAsync(ModelSubject subject, int steps)
    {
        await GoAsync(subject, [.. Form()]);
        await GoAsync(subject, [.. FollowMasters()]);
        await GoAsync(subject, [.. Keys.Select((key, index) => new Send(index / 2, "SET", key, "value"))]);
        for (var step = 0; step < steps; step++)
        {
            await GoAsync(subject, Choose(step >= steps - 2));
        }
    }

    async Task GoAsync(ModelSubject subject, IReadOnlyList<Step> steps)
    {
        var answers = new List<string>();
        foreach (var step in steps)
        {
            answers.Add(await step.DoAsync(subject));
        }

        _legs.Add(new Leg(steps, answers, await SettleAsync(subject)));
    }

    async Task<Picture> SettleAsync(ModelSubject subject)
    {
        var picture = await Picture.TakeAsync(subject, Slots);
        var since = _simulator.Now;
        for (var end = _simulator.Now + SettleLimit; _simulator.Now - since < Settled && _simulator.Now < end;)
        {
            await subject.WaitAsync(TimeSpan.FromSeconds(0.5));
            var next = await Picture.TakeAsync(subject, Slots);
            if (next != picture)
            {
                (picture, since) = (next, _simulator.Now);
            }
        }

        return picture;
    }

    Step[] Choose(bool isLast)
    {
        if (_down.Count > 0 && _random.Next(2) == 0)
        {
            var server = _down.Min;
            _down.Remove(server);
            return [new Start(server, Afresh: false)];
        }

        var (one, other) = (_random.Next(Servers), _random.Next(Servers));
        var key = Keys[_random.Next(Keys.Count)];
        var slot = Text(SlotHash.Of(key));
        switch (_random.Next(isLast ? 16 : 14))
        {
            case 0:
                return [new Send(one, "SET", key, "again"), new Send(other, "GET", key), new Send(one, "DEL", key)];
            case 1:
                return [new Send(one, "CLUSTER", "SETSLOT", slot, "MIGRATING", $"{{id:{other}}}"), new Send(one, "SET", key, "on the way"), new Send(one, "GET", key)];
            case 2:
                return [new Send(one, "CLUSTER", "SETSLOT", slot, "IMPORTING", $"{{id:{other}}}"), new Send(one, "GET", key)];
            case 3:
                return [new Send(one, "CLUSTER", "SETSLOT", slot, "STABLE")];
            case 4:
                return [new Send(one, "CLUSTER", "SETSLOT", slot, "NODE", $"{{id:{other}}}")];
            case 5:
                return [new Send(one, "CLUSTER", "BUMPEPOCH")];
            case 6 or 7:
                return Move(_random.Next(Masters), _random.Next(Masters), key, _random.Next(1, 6));
            case 8:
                return [new Send(one, "CLUSTER", "FAILOVER")];
            case 9:
                return [new Send(one, "CLUSTER", "FAILOVER", _random.Next(2) == 0 ? "FORCE" : "TAKEOVER")];
            case 10 when _down.Count == 0:
                _down.Add(one);
                return [new Kill(one)];
            case 11 when _down.Count == 0:
                return [new Pause(one, TimeSpan.FromSeconds(6))];
            case 12:
                return [new Send(one, "CLUSTER", "ADDSLOTS", slot), new Send(one, "CLUSTER", "DELSLOTSRANGE", slot, slot), new Send(one, "CLUSTER", "SET-CONFIG-EPOCH", "7")];
            case 14:
                return [new Send(one, "CLUSTER", "FORGET", $"{{id:{other}}}"), new Send(one, "CLUSTER", "FORGET", $"{{id:{other}}}")];
            case 15:
                return [new Send(one, "CLUSTER", "RESET", "HARD")];
            default:
                return [new Send(one, "CLUSTER", "REPLICATE", $"{{id:{other}}}")];
        }
    }

    /// <summary>A slot from one to another, as far as a number of commands goes.</summary>
    static Step[] Move(int source, int target, string key, int commands)
    {
        var slot = Text(SlotHash.Of(key));
        Step[] steps =
        [
            new Send(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", $"{{id:{source}}}"),
            new Send(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", $"{{id:{target}}}"),
            new Send(source, "MIGRATE", $"{{ip:{target}}}", "6379", key, "0", "1000"),
            new Send(target, "CLUSTER", "SETSLOT", slot, "NODE", $"{{id:{target}}}"),
            new Send(source, "CLUSTER", "SETSLOT", slot, "NODE", $"{{id:{target}}}"),
        ];
        return steps[..commands];
    }

    /// <summary>What was done at once, what was answered, and how it was once it had settled.</summary>
    internal sealed record Leg(IReadOnlyList<Step> Steps, IReadOnlyList<string> Answers, Picture After);
}
