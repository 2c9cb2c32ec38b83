using System.Text;

namespace Slotwise.Simulation.Runs;

/// <summary>A failed run for people: what was broken, the smallest scenario that breaks it, and what happened last.</summary>
public static class FailureText
{
    const int LastLines = 40;

    /// <summary>Writes it.</summary>
    /// <param name="found">The run as it failed.</param>
    /// <param name="smallest">The smallest one that fails alike, with its trace.</param>
    public static string Write(RunResult found, RunResult smallest)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(smallest);
        var text = new StringBuilder();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"seed {found.Scenario.Seed} breaks {found.Violation}\n");
        text.Append("The smallest scenario found that does (a file of it is run by: simulate --case FILE):\n");
        foreach (var line in ScenarioText.Write(smallest.Scenario).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append("    ").Append(line).Append('\n');
        }

        text.Append("What happened last:\n");
        foreach (var line in smallest.Trace.TakeLast(LastLines))
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}
