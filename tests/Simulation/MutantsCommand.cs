using System.CommandLine;
using System.Globalization;
using Slotwise.Simulation.Mutants;

namespace Slotwise.Simulation;

/// <summary><c>mutants</c>: whether the laws find what they are there for.</summary>
static class MutantsCommand
{
    public const string Name = "mutants";

    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { Description = "Within how many seeds each must be found.", DefaultValueFactory = _ => 2000 };
        var only = new Option<string?>("--only") { Description = "Only those whose name has this in it." };
        var command = new Command(Name, "Runs operators with one fault each; exits with 1 if one of them breaks no law.") { seeds, only };
        command.SetAction(parsed =>
        {
            var survivors = 0;
            var chosen = MutantList.All.Where(mutant => mutant.Name.Contains(parsed.GetValue(only) ?? "", StringComparison.OrdinalIgnoreCase)).ToList();
            foreach (var mutant in chosen)
            {
                var hunt = Hunt.For(mutant, parsed.GetValue(seeds));
                survivors += hunt.Found is null ? 1 : 0;
                Console.WriteLine(hunt.Found is { } found
                    ? string.Create(CultureInfo.InvariantCulture, $"{mutant.Name} | found by {found.Violation!.Law} | seed {found.Scenario.Seed}, after {hunt.Runs} runs")
                    : string.Create(CultureInfo.InvariantCulture, $"{mutant.Name} | SURVIVED {hunt.Runs} runs"));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chosen.Count - survivors} found, {survivors} survived"));
            return survivors == 0 ? 0 : 1;
        });
        return command;
    }
}
