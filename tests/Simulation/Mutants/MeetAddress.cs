using System.Globalization;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Simulation.Mutants;

/// <summary>The step of a mutant: has a server greet whoever is at an address, which nobody has asked who he is.</summary>
sealed record MeetAddress(ServerReference Sender, string Address, int BusPort) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Sender];

    public int Stage => new MeetNodes(Sender, []).Stage;

    public string Description => string.Create(CultureInfo.InvariantCulture, $"have {Sender} meet {Address}");

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var (replies, reason) = await context.ExecuteAsync(Sender, _ => null, [ClusterCommands.Meet(Address, ClusterPorts.Data, BusPort)], cancellationToken);
        return replies is null ? StepOutcome.Skipped(reason) : new StepOutcome(StepResult.Done, $"{Sender} greeted {Address}");
    }
}
