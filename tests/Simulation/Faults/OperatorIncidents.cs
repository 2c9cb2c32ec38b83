using System.Globalization;

namespace Slotwise.Simulation.Faults;

/// <summary>The operator's process ends at any instant.</summary>
public sealed record OperatorCrash(TimeSpan Down) : Incident(Kind)
{
    public const string Kind = "crash-operator";

    public override TimeSpan Lasts => Down;

    protected override IEnumerable<string> Arguments => [Seconds(Down)];

    public override void Happen(IWorld world) => world.CrashOperator(Down);
}

/// <summary>Two operators for a while.</summary>
public sealed record SecondOperator(TimeSpan For) : Incident(Kind)
{
    public const string Kind = "second-operator";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Seconds(For)];

    public override void Happen(IWorld world) => world.RunSecondOperator(For);
}

/// <summary>Requests of the operator fail, before or after they took effect.</summary>
public sealed record RequestFailures(int Status, bool IsAfterEffect, double Share, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "fail-requests";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments =>
        [Status.ToString(CultureInfo.InvariantCulture), IsAfterEffect ? "after" : "before", Share.ToString(CultureInfo.InvariantCulture), Seconds(For)];

    public override void Happen(IWorld world) => world.FailRequests(Status, IsAfterEffect, Share, For);
}

/// <summary>Caches are behind.</summary>
public sealed record WatchLag(TimeSpan Lag, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "delay-watches";

    public override TimeSpan Lasts => For + Lag;

    protected override IEnumerable<string> Arguments => [Seconds(Lag), Seconds(For)];

    public override void Happen(IWorld world) => world.DelayWatches(Lag, For);
}

/// <summary>Events are missed.</summary>
public sealed record WatchBreak() : Incident(Kind)
{
    public const string Kind = "break-watches";

    public override void Happen(IWorld world) => world.BreakWatches();
}

/// <summary>Events come twice.</summary>
public sealed record WatchRepeats(TimeSpan For) : Incident(Kind)
{
    public const string Kind = "repeat-events";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Seconds(For)];

    public override void Happen(IWorld world) => world.RepeatWatchEvents(For);
}

/// <summary>The operator alone does not reach a pod.</summary>
public sealed record HiddenPod(Target Target, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "hide-pod";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Target.ToString(), Seconds(For)];

    public override void Happen(IWorld world) => world.HideFromOperator(Target, For);
}

/// <summary>The operator's wall clock jumps.</summary>
public sealed record ClockJump(TimeSpan By) : Incident(Kind)
{
    public const string Kind = "jump-clock";

    protected override IEnumerable<string> Arguments => [Seconds(By)];

    public override void Happen(IWorld world) => world.JumpClock(By);
}
