using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>An instance of its own with a state directory of its own; whatever happens, nothing of it stays.</summary>
public sealed class ScratchInstance : IAsyncDisposable
{
    public ScratchInstance()
    {
        var directory = Directory.CreateTempSubdirectory("localkube-test-").FullName;
        Instance = new Instance(directory);
    }

    public Instance Instance { get; }

    public async ValueTask DisposeAsync()
    {
        await Lifeline.SweepAsync(Instance, CancellationToken.None);
        Directory.Delete(Instance.StateDirectory, recursive: true);
    }
}
