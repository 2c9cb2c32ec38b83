using System.Globalization;

namespace Slotwise.Simulation.Faults;

/// <summary>A server's process is killed and restarted in place.</summary>
public sealed record ProcessKill(Target Target) : Incident(Kind)
{
    public const string Kind = "kill-process";

    protected override IEnumerable<string> Arguments => [Target.ToString()];

    public override void Happen(IWorld world) => world.KillProcess(Target);
}

/// <summary>A pod is deleted by somebody.</summary>
public sealed record PodDeletion(Target Target, bool IsForced) : Incident(Kind)
{
    public const string Kind = "delete-pod";

    protected override IEnumerable<string> Arguments => IsForced ? [Target.ToString(), "force"] : [Target.ToString()];

    public override void Happen(IWorld world) => world.DeletePod(Target, IsForced);
}

/// <summary>A pod is evicted.</summary>
public sealed record PodEviction(Target Target) : Incident(Kind)
{
    public const string Kind = "evict-pod";

    protected override IEnumerable<string> Arguments => [Target.ToString()];

    public override void Happen(IWorld world) => world.EvictPod(Target);
}

/// <summary>A server's process stands still for a while.</summary>
public sealed record ProcessPause(Target Target, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "pause-process";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Target.ToString(), Seconds(For)];

    public override void Happen(IWorld world) => world.PauseProcess(Target, For);
}

/// <summary>A pod and its volume are gone.</summary>
public sealed record VolumeLoss(Target Target) : Incident(Kind)
{
    public const string Kind = "lose-volume";

    protected override IEnumerable<string> Arguments => [Target.ToString()];

    public override void Happen(IWorld world) => world.LoseVolume(Target);
}

/// <summary>A volume is full for a while.</summary>
public sealed record FullVolume(Target Target, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "fill-volume";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Target.ToString(), Seconds(For)];

    public override void Happen(IWorld world) => world.FillVolume(Target, For);
}

/// <summary>A shard, which may be one that is only coming, has no memory for new data for a while.</summary>
public sealed record MemoryShortage(int Shard, TimeSpan For) : Incident(Kind)
{
    public const string Kind = "exhaust-memory";

    public override TimeSpan Lasts => For;

    protected override IEnumerable<string> Arguments => [Shard.ToString(CultureInfo.InvariantCulture), Seconds(For)];

    public override void Happen(IWorld world) => world.ExhaustMemory(Shard, For);
}

/// <summary>Pods of two clusters come back with each other's addresses.</summary>
public sealed record AddressExchange(Target Target) : Incident(Kind)
{
    public const string Kind = "exchange-addresses";

    protected override IEnumerable<string> Arguments => [Target.ToString()];

    public override void Happen(IWorld world) => world.ExchangeAddresses(Target);
}
