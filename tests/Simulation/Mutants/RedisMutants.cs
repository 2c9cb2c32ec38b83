namespace Slotwise.Simulation.Mutants;

/// <summary>Mutants that talk to servers wrongly.</summary>
static class RedisMutants
{
    public static IEnumerable<Mutant> All =>
    [
        new Mutant("skip the re-check before a step", "commands are sent whatever the server answers to the questions before them")
        {
            Redis = nodes => new ChangedNodes(nodes) { SkipsChecks = true },
        },
        new Mutant("SETSLOT NODE to the source first", "the owner of a slot gives it away before the other one has it")
        {
            Redis = nodes => new ChangedNodes(nodes) { TellsSourceFirst = true },
        },
        new Mutant("go on after a failed MIGRATE", "keys that could not be sent are taken for sent")
        {
            Redis = nodes => new ChangedNodes(nodes) { IgnoresFailedMigrations = true },
        },
        new Mutant("count a replica that cannot follow as a copy", "every replica is taken for one that hears from its master, and every master for one that knows its replicas")
        {
            Redis = nodes => new ChangedNodes(nodes) { TakesAllForLinked = true },
        },
        new Mutant("start a move before the new master says cluster_state:ok", "every server is taken for one that serves")
        {
            Redis = nodes => new ChangedNodes(nodes) { TakesAllForServing = true },
        },
    ];
}
