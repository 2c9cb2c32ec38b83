using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Tests.Fakes;

/// <summary>An informer at work, and what it has told.</summary>
public sealed class RunningInformer : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly List<string> _changes = [];
    readonly List<(string Change, TaskCompletionSource Seen)> _awaited = [];
    readonly Task _run;

    public RunningInformer(Informer<V1ConfigMap> informer)
    {
        Informer = informer;
        informer.AddHandler(Note);
        _run = informer.RunAsync(_stop.Token);
    }

    public Informer<V1ConfigMap> Informer { get; }

    public V1ConfigMap? LastDeleted { get; private set; }

    public IEnumerable<string?> Names => Informer.List().Select(map => map.Metadata.Name);

    /// <summary><c>+name</c>, <c>~name:old>new</c> or <c>-name</c>.</summary>
    public IReadOnlyList<string> Changes
    {
        get
        {
            lock (_changes)
            {
                return [.. _changes];
            }
        }
    }

    /// <summary>Completes when the change has been told; in real time, so bounded.</summary>
    public Task WhenToldAsync(string change)
    {
        lock (_changes)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((change, seen));
            return _changes.Contains(change) ? Task.CompletedTask : seen.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel(); // CancelAsync would call back on the thread pool
        await _run;
        _stop.Dispose();
    }

    void Note(V1ConfigMap? old, V1ConfigMap? current)
    {
        lock (_changes)
        {
            _changes.Add((old, current) switch
            {
                (null, { } added) => $"+{added.Metadata.Name}",
                ({ } deleted, null) => $"-{deleted.Metadata.Name}",
                _ => $"~{current!.Metadata.Name}:{old!.Metadata.ResourceVersion}>{current.Metadata.ResourceVersion}",
            });
            LastDeleted = current is null ? old : LastDeleted;
            foreach (var (change, seen) in _awaited)
            {
                if (change == _changes[^1])
                {
                    seen.TrySetResult();
                }
            }
        }
    }
}
