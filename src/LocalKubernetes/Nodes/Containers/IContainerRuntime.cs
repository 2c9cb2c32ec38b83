using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>Starts containers.</summary>
public interface IContainerRuntime
{
    /// <returns>Once the container's own program runs.</returns>
    /// <exception cref="ContainerStartException">It does not.</exception>
    Task<IRunningContainer> StartAsync(ContainerSpec spec, CancellationToken cancellationToken);
}

/// <summary>One run of a container. Disposing it kills what still runs.</summary>
public interface IRunningContainer : IAsyncDisposable
{
    /// <summary>Differs between any two runs.</summary>
    string Id { get; }

    DateTimeOffset StartedAt { get; }

    /// <summary>Completes the moment it ends.</summary>
    Task<ContainerExit> Exit { get; }

    /// <summary>Sends a signal to the container's process 1 itself.</summary>
    void Signal(int signal);

    /// <summary>Stops all its processes where they are, or lets them go on.</summary>
    void Pause(bool paused);

    /// <summary>Runs another program in it; kills that program when it takes too long.</summary>
    Task<ExecResult> ExecuteAsync(IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Runs another program in it that somebody talks to.</summary>
    /// <exception cref="ContainerStartException">It does not run, or has no such program.</exception>
    IPodProgram StartProgram(IReadOnlyList<string> command, bool hasInput, bool hasTerminal);
}
