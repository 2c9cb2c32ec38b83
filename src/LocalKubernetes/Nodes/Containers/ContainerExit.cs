namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>How a run of a container ended.</summary>
/// <param name="Code">128 + N when signal N ended it, as container runtimes report it.</param>
public sealed record ContainerExit(int Code, DateTimeOffset At);

/// <summary>What a program that ran in a container answered.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">The beginning of what it wrote to both its streams.</param>
/// <param name="TimedOut">Whether it was killed because it took too long; its code means nothing then.</param>
public sealed record ExecResult(int Code, string Output, bool TimedOut);

/// <summary>A container could not be started.</summary>
/// <param name="reason">As the kubelet names it: <c>StartError</c>, <c>CreateContainerError</c>.</param>
/// <param name="message">What the system said.</param>
public sealed class ContainerStartException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
