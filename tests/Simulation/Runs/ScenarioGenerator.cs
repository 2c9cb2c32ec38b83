using Slotwise.Simulation.Faults;

namespace Slotwise.Simulation.Runs;

/// <summary>Draws everything that decides a run from its seed.</summary>
public static class ScenarioGenerator
{
    /// <summary>Incidents happen within this time from the beginning: in some runs while the cluster forms, in most of them later.</summary>
    static readonly TimeSpan Trouble = TimeSpan.FromSeconds(75);

    static readonly string[] Images = ["redis:7.0", "redis:7.0", "redis:8.0", "redis:8.4", "valkey:8.1", "valkey:9.0"];
    static readonly int[] NodeTimeouts = [2000, 5000, 15000];

    /// <summary>The scenario of a seed.</summary>
    public static Scenario Draw(ulong seed)
    {
        var random = new Random((int)(Mix(seed) >> 33));
        var shape = DrawShape(random);
        var incidents = new List<Appointed>();
        var count = random.Next(1, 7);
        if (shape.Replicas == 0 && random.Next(2) == 0)
        {
            incidents.Add(new Appointed(TimeSpan.FromSeconds(1), new ResourceChange(SpecWalk.GivesLostSlotsAway)));
        }

        var begins = random.Next(4) == 0 ? TimeSpan.Zero : Scenario.QuickForming;
        while (incidents.Count < count)
        {
            var what = DrawIncident(random, shape);
            incidents.Add(new Appointed(DrawTime(random, begins), what));
            AddSequel(random, shape, incidents);
        }

        return new Scenario(seed, shape, [.. incidents.OrderBy(incident => incident.At)]);
    }

    static Shape DrawShape(Random random)
    {
        var shards = Pick(random, 1, 2, 3, 3, 3, 4, 5);
        return new Shape
        {
            Shards = shards,
            Replicas = shards > 3 ? random.Next(0, 2) : Pick(random, 0, 1, 1, 1, 2),
            HasVolumes = random.Next(2) == 0,
            Image = Images[random.Next(Images.Length)],
            NodeTimeout = TimeSpan.FromMilliseconds(NodeTimeouts[random.Next(NodeTimeouts.Length)]),
            HasNeighbour = random.Next(8) == 0,
            Keys = random.Next(8, 40),
            Pause = TimeSpan.FromMilliseconds(random.Next(100, 400)),
        };
    }

    static TimeSpan DrawTime(Random random, TimeSpan begins) => TimeSpan.FromMilliseconds(random.Next((int)begins.TotalMilliseconds, (int)Trouble.TotalMilliseconds));

    /// <summary>Often more happens to what was just hurt or changed: the interesting moments are those right after others.</summary>
    static void AddSequel(Random random, Shape shape, List<Appointed> incidents)
    {
        var first = incidents[^1];
        if (first.What is AddressExchange)
        {
            // Who hears of it late takes the pod of another cluster for the one that had the address, if it looks at all: for which something else is wrong.
            var before = TimeSpan.FromMilliseconds(Math.Min(random.Next(10, 1000), first.At.TotalMilliseconds));
            incidents.Add(new Appointed(first.At - before, new WatchLag(Seconds(random, 1, 8), Seconds(random, 10, 20))));
            var trouble = new PodDeletion(DrawTarget(random, shape), IsForced: false);
            var earlier = TimeSpan.FromMilliseconds(Math.Min(random.Next(100, 2000), (first.At - before).TotalMilliseconds));
            incidents.Add(new Appointed(first.At - before - earlier, trouble));
            return;
        }

        if (first.What is ResourceChange { Patch: var patch } && SpecWalk.ReceiverOf(patch, shape.Shards, random) is { } receiver)
        {
            // Keys are on their way for less than a second, and seldom is something else wrong just then.
            incidents.Add(new Appointed(first.At + Seconds(random, 0, 3), new MemoryShortage(receiver, Seconds(random, 5, 30))));
            return;
        }

        if (first.What is not HostCut && random.Next(3) != 0)
        {
            return;
        }

        Incident what = first.What switch
        {
            // So do people when a host is silent: its processes live, and nothing in the API says so any more.
            HostCut when random.Next(4) != 0 => new PodDeletion(DrawTarget(random, shape), IsForced: true),
            ResourceChange when random.Next(2) == 0 => new ResourceApplication(),
            ResourceDeletion => new ResourceApplication(),
            _ => DrawIncident(random, shape),
        };
        incidents.Add(new Appointed(first.At + TimeSpan.FromMilliseconds(random.Next(10, 8000)), what));
    }

    static Incident DrawIncident(Random random, Shape shape) => random.Next(26) switch
    {
        0 or 1 => new OperatorCrash(Seconds(random, 0.1, 20)),
        2 => new SecondOperator(Seconds(random, 2, 20)),
        3 or 4 => new RequestFailures(Pick(random, 0, 409, 429, 500, 503), random.Next(2) == 0, Pick(random, 0.2, 0.5, 1), Seconds(random, 0.5, 10)),
        5 => new WatchLag(Seconds(random, 0.1, 5), Seconds(random, 5, 30)),
        6 => new WatchBreak(),
        7 => new WatchRepeats(Seconds(random, 5, 30)),
        8 => new HiddenPod(DrawTarget(random, shape), Seconds(random, 0.5, 20)),
        9 => new ClockJump(Seconds(random, -60, 60)),
        10 or 11 => new ProcessKill(DrawTarget(random, shape)),
        12 or 13 => new PodDeletion(DrawTarget(random, shape), random.Next(4) == 0),
        14 => new PodEviction(DrawTarget(random, shape)),
        15 => new ProcessPause(DrawTarget(random, shape), Seconds(random, 0.5, 40)),
        16 => new VolumeLoss(DrawTarget(random, shape)),
        17 => new FullVolume(DrawTarget(random, shape), Seconds(random, 5, 30)),
        18 or 19 when shape.HasNeighbour => new AddressExchange(DrawTarget(random, shape)),
        18 or 19 => new PodCut(DrawTarget(random, shape), Seconds(random, 1, 40)),
        20 => new LinkCut(DrawTarget(random, shape), DrawTarget(random, shape), random.Next(2) == 0, Seconds(random, 1, 40)),
        21 => new BadNetwork(random.NextDouble() * 0.1, Seconds(random, 0, 0.1), Seconds(random, 5, 30)),
        22 => random.Next(2) == 0 ? new HostOff(random.Next(3), Seconds(random, 5, 60)) : new HostCut(random.Next(3), Seconds(random, 2, 60)),
        23 when random.Next(3) == 0 => new ResourceDeletion(),
        _ => new ResourceChange(SpecWalk.Draw(random, shape.Shards, shape.HasVolumes)),
    };

    static Target DrawTarget(Random random, Shape shape) => new(random.Next(shape.Shards), random.Next(3) switch
    {
        0 => 'm',
        1 when shape.Replicas > 0 => 'r',
        _ => (char)('0' + random.Next(1 + shape.Replicas)),
    });

    static TimeSpan Seconds(Random random, double least, double most) =>
        TimeSpan.FromMilliseconds(Math.Round((least + (random.NextDouble() * (most - least))) * 1000));

    static T Pick<T>(Random random, params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    /// <summary>Neighbouring seeds must not begin alike (splitmix64).</summary>
    static ulong Mix(ulong seed)
    {
        var value = seed + 0x9e3779b97f4a7c15UL;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebUL;
        return value ^ (value >> 31);
    }
}
