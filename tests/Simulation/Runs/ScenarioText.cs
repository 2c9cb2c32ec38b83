using System.Globalization;
using System.Text;
using Slotwise.Simulation.Faults;

namespace Slotwise.Simulation.Runs;

/// <summary>Scenarios as text: what a failure prints, and what the cases under Regressions are. Lines that begin with # are for people.</summary>
public static class ScenarioText
{
    /// <summary>Writes a scenario.</summary>
    public static string Write(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var shape = scenario.Shape;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"seed {scenario.Seed}\n");
        text.Append(CultureInfo.InvariantCulture, $"cluster {shape.Shards} shards {shape.Replicas} replicas {(shape.HasVolumes ? "volumes" : "memory")} {shape.Image} {Milliseconds(shape.NodeTimeout)}{(shape.HasNeighbour ? " neighbour" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"clients {shape.Keys} keys {Milliseconds(shape.Pause)}\n");
        foreach (var (at, what) in scenario.Incidents)
        {
            text.Append(CultureInfo.InvariantCulture, $"at {at.TotalSeconds:0.000} {what}\n");
        }

        foreach (var crash in scenario.Crashes)
        {
            text.Append(CultureInfo.InvariantCulture, $"crash {crash}\n");
        }

        return text.ToString();
    }

    /// <summary>Reads a scenario.</summary>
    /// <exception cref="FormatException">A line cannot be read, or one that must be there is missing.</exception>
    public static Scenario Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ulong? seed = null;
        Shape? shape = null;
        (int Keys, TimeSpan Pause)? clients = null;
        var crashes = new List<CrashPoint>();
        var incidents = new List<Appointed>();
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            switch (line.Split(' '))
            {
                case ["seed", var number]:
                    seed = ulong.Parse(number, CultureInfo.InvariantCulture);
                    break;
                case ["cluster", var shards, "shards", var replicas, "replicas", var storage, var image, var timeout, .. var more]:
                    shape = new Shape
                    {
                        Shards = int.Parse(shards, CultureInfo.InvariantCulture),
                        Replicas = int.Parse(replicas, CultureInfo.InvariantCulture),
                        HasVolumes = storage == "volumes",
                        Image = image,
                        NodeTimeout = Time(timeout),
                        HasNeighbour = more is ["neighbour"],
                        Keys = 0,
                        Pause = TimeSpan.Zero,
                    };
                    break;
                case ["clients", var keys, "keys", var pause]:
                    clients = (int.Parse(keys, CultureInfo.InvariantCulture), Time(pause));
                    break;
                case ["at", var at, ..]:
                    incidents.Add(new Appointed(IncidentText.Time(at), IncidentText.Parse(line[(4 + at.Length)..])));
                    break;
                case ["crash", ..]:
                    crashes.Add(CrashPoint.Parse(line["crash ".Length..]));
                    break;
                default:
                    throw new FormatException($"'{line}' is no line of a scenario");
            }
        }

        return seed is { } value && shape is not null && clients is { } load
            ? new Scenario(value, shape with { Keys = load.Keys, Pause = load.Pause }, incidents) { Crashes = crashes }
            : throw new FormatException("a scenario has a seed, a cluster and clients");
    }

    static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");

    static TimeSpan Time(string text) => text.EndsWith("ms", StringComparison.Ordinal)
        ? TimeSpan.FromMilliseconds(double.Parse(text[..^2], CultureInfo.InvariantCulture))
        : throw new FormatException($"'{text}' is no time such as 250ms");
}
