using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// Something that must hold in every run, whatever happens. It looks at the world itself and not at what the operator knows of it, and is asked at every step of the
/// operator and every so often in between.
/// </summary>
/// <param name="number">Its number in docs/architecture.md; where it has none, the word for what it is about.</param>
/// <param name="name">What it demands, in a few words.</param>
public abstract class Law(string number, string name)
{
    public string Number => number;

    public string Name => name;

    /// <summary>The run that is looked at.</summary>
    public RunWorld World { get; set; } = null!;

    /// <summary>The operator decided.</summary>
    public virtual void Planned(ClusterObservation observation, Plan plan)
    {
    }

    /// <summary>A command of the operator that changes something is about to take effect.</summary>
    public virtual void BeforeCommand(CommandSeen command)
    {
    }

    /// <summary>It took effect.</summary>
    public virtual void AfterCommand(CommandSeen command)
    {
    }

    /// <summary>The operator is about to change, make or delete an object.</summary>
    public virtual void BeforeWrite(ObjectWrite write)
    {
    }

    /// <summary>It did.</summary>
    public virtual void AfterWrite(ObjectWrite write)
    {
    }

    /// <summary>A write of the operator ended pods that were not being deleted before.</summary>
    public virtual void Stopped(ObjectWrite write, IReadOnlyList<StoppedPod> pods)
    {
    }

    /// <summary>Some time has passed.</summary>
    public virtual void Tick()
    {
    }

    /// <summary>All faults are over, and the operator had time to put everything right.</summary>
    public virtual void AtEnd()
    {
    }

    public sealed override string ToString() => $"law {Number} ({Name})";

    /// <summary>Reports that it is broken.</summary>
    protected void Violated(string who, string what, string why) => World.Report(new Violation(ToString(), World.Simulator.Now, who, what, why));
}
