using System.CommandLine;
using System.Globalization;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation;

/// <summary><c>simulate</c>: one run, or many.</summary>
static class SimulateCommand
{
    public const string Name = "simulate";

    /// <summary>Shrinking takes up to some hundred runs, and many failures most often have one cause.</summary>
    const int ShownFailures = 5;

    public static Command Create()
    {
        var seed = new Option<ulong?>("--seed") { Description = "One run, of this seed." };
        var file = new Option<FileInfo?>("--case") { Description = "One run, of the scenario in this file." };
        var trace = new Option<bool>("--trace") { Description = "Prints all that happens in the one run." };
        var digest = new Option<bool>("--digest") { Description = "Prints only the digest of the one run's trace, which is the same in every process." };
        var seeds = new Option<int>("--seeds") { Description = "How many seeds to run, and then a crash of the operator at every write that they showed.", DefaultValueFactory = _ => 1000 };
        var first = new Option<ulong>("--first") { Description = "The first of them.", DefaultValueFactory = _ => 1 };
        var report = new Option<FileInfo?>("--report") { Description = "Where to write the report, in Markdown." };
        var command = new Command(Name, "Runs the operator in simulated worlds; exits with 1 if it breaks a law.") { seed, file, trace, digest, seeds, first, report };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(file) is { } scenario)
            {
                return RunOne(ScenarioText.Read(File.ReadAllText(scenario.FullName)), parsed.GetValue(trace), parsed.GetValue(digest));
            }

            return parsed.GetValue(seed) is { } one
                ? RunOne(ScenarioGenerator.Draw(one), parsed.GetValue(trace), parsed.GetValue(digest))
                : RunMany(parsed.GetValue(first), parsed.GetValue(seeds), parsed.GetValue(report));
        });
        return command;
    }

    static int RunOne(Scenario scenario, bool printsTrace, bool printsDigest)
    {
        var result = SimulatedRun.Of(scenario, keepsTrace: printsTrace);
        if (printsDigest)
        {
            Console.WriteLine(result.Digest);
            return 0;
        }

        Console.Write(ScenarioText.Write(scenario));
        foreach (var line in result.Trace)
        {
            Console.WriteLine(line);
        }

        if (result.Violation is null)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"no law is broken; {(result.IsRefused ? "refused" : "as it shall be")} {result.Settled.TotalSeconds:0.0} s after the last fault, {result.Acknowledged} writes acknowledged, {result.Excused} of them excused, {result.Lasted.TotalSeconds:0} s in all"));
            return 0;
        }

        Console.Write(FailureText.Write(result, Shrinker.Shrink(result)));
        return 1;
    }

    static int RunMany(ulong first, int seeds, FileInfo? report)
    {
        var start = TimeProvider.System.GetTimestamp();
        var survey = Survey.Of(first, seeds, enumeratesCrashes: true);
        var text = SurveyReport.Write(survey, first, seeds, TimeProvider.System.GetElapsedTime(start));
        Console.Write(text);
        foreach (var failure in survey.Failures.OrderBy(failure => failure.Scenario.Seed).Take(ShownFailures))
        {
            Console.WriteLine();
            Console.Write(FailureText.Write(failure, Shrinker.Shrink(failure)));
        }

        if (report is not null)
        {
            File.WriteAllText(report.FullName, text);
        }

        return survey.Failures.Count == 0 && !survey.Missed.Any() ? 0 : 1;
    }
}
