using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Tests;

/// <summary>Containers that do nothing but run, end when they are told to, and answer every probe.</summary>
sealed class IdleContainers : IContainerRuntime
{
    public SortedDictionary<string, IdleContainer> Newest { get; } = new(StringComparer.Ordinal);

    /// <summary>Decides what a container does when it is started.</summary>
    public Action<IdleContainer>? Started { get; set; }

    public IContainer Start(ContainerStart start)
    {
        var container = new IdleContainer(start);
        Newest[start.Pod.Metadata.Name!] = container;
        Started?.Invoke(container);
        return container;
    }
}

sealed class IdleContainer(ContainerStart start) : IContainer
{
    public ContainerStart Start => start;

    public ContainerEnd? End { get; private set; }

    public Action<ContainerEnd>? Ended { get; set; }

    public bool IsPaused { get; set; }

    /// <summary>Whether it takes no notice of SIGTERM.</summary>
    public bool IsStubborn { get; set; }

    /// <summary>The probes that it fails.</summary>
    public SortedSet<string> Fails { get; } = new(StringComparer.Ordinal);

    /// <summary>What its preStop hook does; it is over at once without.</summary>
    public Action<Action>? PreStop { get; set; }

    public void RunPreStop(Action done)
    {
        if (PreStop is { } hook)
        {
            hook(done);
        }
        else
        {
            done();
        }
    }

    public void Terminate()
    {
        if (!IsStubborn)
        {
            Finish(new ContainerEnd(0, "Completed", ""));
        }
    }

    public void Kill() => Finish(new ContainerEnd(137, "Error", ""));

    public void LosePower() => Kill();

    public void Finish(ContainerEnd end)
    {
        if (End is null)
        {
            End = end;
            Ended?.Invoke(end);
        }
    }

    public bool Probe(string question) => End is null && !IsPaused && !Fails.Contains(question);
}
