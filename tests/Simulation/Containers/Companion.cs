using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>A container beside the server, such as an exporter of metrics.</summary>
sealed class Companion : IContainer
{
    public ContainerEnd? End { get; private set; }

    public Action<ContainerEnd>? Ended { get; set; }

    public bool IsPaused { get; set; }

    public void RunPreStop(Action done) => done();

    public void Terminate() => Finish(0, "Completed");

    public void Kill() => Finish(137, "Error");

    public void LosePower() => Kill();

    public bool Probe(string question) => !IsPaused;

    void Finish(int code, string reason)
    {
        if (End is null)
        {
            End = new ContainerEnd(code, reason, "");
            Ended?.Invoke(End);
        }
    }
}
