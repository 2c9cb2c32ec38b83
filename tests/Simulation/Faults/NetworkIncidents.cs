using System.Globalization;

namespace Slotwise.Simulation.Faults;

/// <summary>A pod alone on its side of a partition.</summary>
public sealed record PodCut(Target Target, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "cut-pod";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Target.ToString(), Seconds(For)];

    public override void Happen(IWorld world) => world.CutPod(Target, For);
}

/// <summary>Two pods that do not reach each other.</summary>
public sealed record LinkCut(Target One, Target Other, bool IsOneWay, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "cut-link";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [One.ToString(), IsOneWay ? ">" : "<>", Other.ToString(), Seconds(For)];

    public override void Happen(IWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        if (IsOneWay)
        {
            world.CutOneWay(One, Other, For);
        }
        else
        {
            world.CutPods(One, Other, For);
        }
    }
}

/// <summary>A network that loses and delays.</summary>
public sealed record BadNetwork(double Loss, TimeSpan Delay, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "spoil-network";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Loss.ToString(CultureInfo.InvariantCulture), Seconds(Delay), Seconds(For)];

    public override void Happen(IWorld world) => world.SpoilNetwork(Loss, Delay, For);
}

/// <summary>A host without power for a while.</summary>
public sealed record HostOff(int Host, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "turn-host-off";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Host.ToString(CultureInfo.InvariantCulture), Seconds(For)];

    public override void Happen(IWorld world) => world.TurnHostOff(Host, For);
}

/// <summary>A host that is cut off for a while.</summary>
public sealed record HostCut(int Host, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "cut-host";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Host.ToString(CultureInfo.InvariantCulture), Seconds(For)];

    public override void Happen(IWorld world) => world.CutHost(Host, For);
}
