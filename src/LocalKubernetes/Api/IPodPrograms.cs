namespace Slotwise.LocalKubernetes.Api;

/// <summary>Who runs further programs in containers for the API server: whoever runs the containers.</summary>
public interface IPodPrograms
{
    /// <exception cref="Kubernetes.Api.KubernetesApiException">The container does not run, or it has no such program.</exception>
    IPodProgram Start(PodProgramRequest request);
}

/// <summary>What shall run where.</summary>
/// <param name="Command">Program and arguments.</param>
/// <param name="HasInput">Whether it can be written to; else its input is at its end from the start.</param>
/// <param name="HasTerminal">Whether its streams are one terminal.</param>
public sealed record PodProgramRequest(string PodUid, string Container, IReadOnlyList<string> Command, bool HasInput, bool HasTerminal);

/// <summary>A stream of a program.</summary>
public enum PodProgramStream
{
    Output,
    Errors,
}

/// <summary>A program that runs in a container. Disposing it kills what still runs.</summary>
public interface IPodProgram : IAsyncDisposable
{
    /// <summary>What it writes, until all of it is read.</summary>
    IAsyncEnumerable<(PodProgramStream Stream, ReadOnlyMemory<byte> Bytes)> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Gives it input. What comes after its end is dropped.</summary>
    Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    void CloseInput();

    /// <summary>Changes the size of its terminal, in characters.</summary>
    void Resize(int width, int height);

    /// <summary>Its exit code, once it has ended; 128 + N when signal N ended it.</summary>
    Task<int> Exit { get; }
}
