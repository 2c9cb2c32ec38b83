namespace Slotwise.Simulation.Laws;

/// <summary>
/// With the faults over, the operator brings about what was asked for within a bounded time, or says in a condition what it waits for that only the user can
/// decide; and then it is silent: no write, anywhere.
/// </summary>
sealed class EndsWell() : Law("7", "the desired state is reached, then silence")
{
    public override void AtEnd()
    {
        if (World.Outcome.Shortfall is { } shortfall)
        {
            Violated("the operator", $"{shortfall} {World.Outcome.Waited.TotalSeconds:0} s after the last fault", "it promises to bring this about");
        }
        else if (World.Outcome.LateWrites is [var first, ..])
        {
            Violated("the operator", $"still writes when all is done: {first}{(World.Outcome.LateWrites.Count > 1 ? $" and {World.Outcome.LateWrites.Count - 1} more" : "")}", "a pass over a settled cluster writes nothing");
        }
        else if (!World.Outcome.IsRefused)
        {
            var owners = World.Servers.Where(server => server.Cluster.Myself is { IsMaster: true, Slots.IsEmpty: false }).ToList();
            foreach (var twins in owners.GroupBy(owner => owner.Cluster.Myself.ConfigEpoch).Where(group => group.Count() > 1))
            {
                Violated(string.Join(" and ", twins.Select(twin => twin.Name)), $"both have epoch {twins.Key}", "whom others believe about a slot is left to chance");
            }
        }
    }
}
