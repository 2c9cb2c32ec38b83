namespace Slotwise.Simulation.Faults;

/// <summary>The user edits the resource.</summary>
/// <param name="Patch">A JSON merge patch.</param>
public sealed record ResourceChange(string Patch) : Incident(Kind)
{
    public const string Kind = "patch-resource";

    protected override IEnumerable<string> Arguments => [Patch];

    public override void Happen(IWorld world) => world.PatchResource(Patch);
}

/// <summary>The user deletes the resource.</summary>
public sealed record ResourceDeletion() : Incident(Kind)
{
    public const string Kind = "delete-resource";

    public override void Happen(IWorld world) => world.DeleteResource();
}

/// <summary>The user makes the resource again, or takes all changes back.</summary>
public sealed record ResourceApplication() : Incident(Kind)
{
    public const string Kind = "apply-resource";

    public override void Happen(IWorld world) => world.ApplyResource();
}
