using System.Globalization;
using System.Text;

namespace Slotwise.Simulation.Runs;

/// <summary>A survey for people, in Markdown.</summary>
public static class SurveyReport
{
    /// <summary>Writes it.</summary>
    public static string Write(Survey survey, ulong first, int seeds, TimeSpan took)
    {
        ArgumentNullException.ThrowIfNull(survey);
        var text = new StringBuilder();
        Add($"Seeds {first} to {first + (ulong)seeds - 1}, {survey.Runs} runs in all, {took.TotalSeconds:0} s on {Environment.ProcessorCount} cores ({Environment.CpuUsage.TotalTime.TotalSeconds / survey.Runs:0.00} s of processor time a run): {survey.VirtualTime.TotalHours:0} simulated hours, {survey.Acknowledged} acknowledged writes ({survey.Excused} of them excused, as a fault hit their master before they were replicated).");
        Add($"{survey.Failures.Count} runs broke a law. {survey.Refused} ended with a condition that says what the user has to decide; in all others the wish was fulfilled and then nothing was written, at the latest {survey.LongestSettling.TotalSeconds:0} s after the last fault.");
        Add($"The operator died at {survey.Hit.Count} of {survey.Points.Count} distinct points, before and after each kind of write for each purpose.");
        foreach (var missed in survey.Missed)
        {
            Add($"- missed: {missed}");
        }

        text.Append("\n| incident | times |\n|---|---|\n");
        foreach (var (word, count) in survey.Incidents)
        {
            Add($"| {word} | {count} |");
        }

        text.Append("\n| law | runs that broke it |\n|---|---|\n");
        foreach (var (law, count) in survey.Broken)
        {
            Add($"| {law} | {count} |");
        }

        if (survey.Failures.Count > 0)
        {
            text.Append("\nWhich runs those are:\n\n");
        }

        foreach (var failure in survey.Failures.OrderBy(failure => failure.Scenario.Seed).ThenBy(failure => string.Join(", ", failure.Scenario.Crashes), StringComparer.Ordinal))
        {
            Add($"- seed {failure.Scenario.Seed}{string.Concat(failure.Scenario.Crashes.Select(crash => $", crash {crash}"))}: {failure.Violation}");
        }

        return text.ToString();

        void Add(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
