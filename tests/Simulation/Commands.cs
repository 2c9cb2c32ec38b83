using System.CommandLine;

namespace Slotwise.Simulation;

/// <summary>What the program does besides running tests.</summary>
static class Commands
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Runs the operator in simulated worlds, and looks for laws that it breaks.") { SimulateCommand.Create(), MutantsCommand.Create() };
        return root.Parse(args).InvokeAsync();
    }
}
