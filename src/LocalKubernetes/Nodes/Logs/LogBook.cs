using System.Collections.Concurrent;

namespace Slotwise.LocalKubernetes.Nodes.Logs;

/// <summary>The logs of all containers of a node, by file: who follows one learns from it that there is more.</summary>
public sealed class LogBook(TimeProvider time)
{
    readonly ConcurrentDictionary<string, ContainerLog> _open = new();

    public ContainerLog Open(string path)
    {
        var log = new ContainerLog(path, time);
        _open[path] = log;
        return log;
    }

    /// <summary>The log being written to a file; null when nothing was written there in this process's life.</summary>
    public ContainerLog? Find(string path) => _open.GetValueOrDefault(path);

    public void Forget(string path) => _open.TryRemove(path, out _);
}
