using Slotwise.Kubernetes.Models;

namespace Slotwise.Simulation.World;

/// <summary>What the simulated kubelet starts containers with.</summary>
public interface IContainerRuntime
{
    /// <summary>Starts the container of a pod; it runs, or has ended already, when this returns.</summary>
    IContainer Start(ContainerStart start);
}

/// <summary>What a container is started with.</summary>
/// <param name="Pod">The pod, with its uid and template.</param>
/// <param name="Container">Which of its containers.</param>
/// <param name="Address">The pod's address.</param>
/// <param name="Host">The host that it runs on.</param>
/// <param name="Volumes">By the names of the pod's volumes; those of claims and emptyDirs.</param>
/// <param name="ReadFile">A file of a volume that shows objects as the pod sees it now, by volume and key; null where there is none.</param>
/// <param name="Resolve">The address of a pod's stable name; null for a name that nobody has.</param>
public sealed record ContainerStart(
    V1Pod Pod,
    V1Container Container,
    string Address,
    string Host,
    IReadOnlyDictionary<string, Volume> Volumes,
    Func<string, string, string?> ReadFile,
    Func<string, string?> Resolve);

/// <summary>A container that was started.</summary>
public interface IContainer
{
    /// <summary>How it ended; null while it runs. Whoever ends it finds it set at once; when it ends by itself, <see cref="Ended"/> is called.</summary>
    ContainerEnd? End { get; }

    /// <summary>Called once, when it has ended for whatever reason.</summary>
    Action<ContainerEnd>? Ended { get; set; }

    /// <summary>Runs the preStop hook; calls back when that is over.</summary>
    void RunPreStop(Action done);

    /// <summary>SIGTERM.</summary>
    void Terminate();

    /// <summary>SIGKILL.</summary>
    void Kill();

    /// <summary>The host lost its power, and with it what was not on its disk yet.</summary>
    void LosePower();

    /// <summary>SIGSTOP and SIGCONT.</summary>
    bool IsPaused { get; set; }

    /// <summary>What the exec probe of that name finds: startup, readiness or liveness.</summary>
    bool Probe(string question);
}

/// <summary>How a container ended.</summary>
/// <param name="ExitCode">128 + signal where a signal ended it.</param>
/// <param name="Reason">Completed, Error or OOMKilled.</param>
/// <param name="Message">What it said last.</param>
public sealed record ContainerEnd(int ExitCode, string Reason, string Message);
