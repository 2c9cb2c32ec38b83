using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Volumes;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>The life of one pod on this node: network and volumes, init containers, containers, and its end.</summary>
public sealed partial class PodWorker : IDisposable
{
    const string DeadlineMessage = "Pod was active on the node longer than the specified deadline";

    static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(30);

    readonly PodContext _context;
    readonly Termination _termination;
    readonly PodStatusWriter _status;
    readonly List<ContainerWorker> _containers;

    /// <summary>Those whose turn to start has come: the others need not end.</summary>
    volatile ImmutableList<ContainerWorker> _started = [];
    readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _mustGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile TaskCompletionSource _objectsChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool _nodeStops;
    volatile bool _keepsFiles;
    int _syncs;
    volatile bool _isOver;
    volatile bool _isOverdue;
    V1PodStatus? _final;

    public PodWorker(V1Pod pod, PodServices services)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(services);
        _context = new PodContext(pod, services);
        _termination = new Termination(services.Time);
        _status = new PodStatusWriter(_context, BuildStatus);
        var hasInit = pod.Spec?.InitContainers is { Count: > 0 };
        _containers =
        [
            .. (pod.Spec?.InitContainers ?? []).Select((container, index) => Worker(container, container.RestartPolicy == "Always" ? ContainerKind.Sidecar : ContainerKind.Init, waitsForInit: true, index)),
            .. (pod.Spec?.Containers ?? []).Select((container, index) => Worker(container, ContainerKind.Main, hasInit, (pod.Spec?.InitContainers?.Count ?? 0) + index)),
        ];

        ContainerWorker Worker(V1Container container, ContainerKind kind, bool waitsForInit, int index) =>
            new(container, kind, _context, _termination, _status.MarkChanged, waitsForInit, kind == ContainerKind.Sidecar ? () => Task.WhenAll(_started.Where(other => _containers!.IndexOf(other) > index).Select(other => other.Done)) : () => Task.CompletedTask);
    }

    public string Uid => _context.Pod.Metadata.Uid ?? "";

    public V1Pod Pod => _context.Pod;

    /// <summary>Null while it is off the network.</summary>
    public IPAddress? Address => _context.Address?.Address;

    /// <summary>The container of this name, or the first; null when it does not run now.</summary>
    public IRunningContainer? Running(string? container) =>
        _containers.FirstOrDefault(worker => container is null ? worker.Kind == ContainerKind.Main : worker.Container.Name == container)?.Running;

    /// <summary>Sets its clock, if it was started with its own; running programs see it within about a second.</summary>
    public bool TrySetClock(TimeSpan offset) => _context.TrySetClock(offset);

    /// <summary>Takes a newer version of the pod's object.</summary>
    public void Update(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var before = _context.Pod.Status?.Conditions;
        _context.Update(pod);
        if (pod.Spec?.ReadinessGates is { Count: > 0 } && before?.SequenceEqual(pod.Status?.Conditions ?? []) != true)
        {
            _status.MarkChanged();
        }

        _status.Reconcile();
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            _termination.Request(pod.Metadata.DeletionGracePeriodSeconds is { } grace ? TimeSpan.FromSeconds(grace) : GraceOf(pod), abrupt: false);
            _mustGo.TrySetResult();
        }
    }

    /// <summary>The object is gone without waiting for this node: the containers still get their time.</summary>
    public void Remove()
    {
        _gone.TrySetResult();
        _mustGo.TrySetResult();
        var pod = _context.Pod;
        _termination.Request(pod.Metadata.DeletionGracePeriodSeconds is { } grace ? TimeSpan.FromSeconds(Math.Max(1, grace)) : GraceOf(pod), abrupt: false);
    }

    /// <summary>The node stops: everything ends soon, and nothing of it is reported.</summary>
    public void StopWithNode(TimeSpan grace)
    {
        _nodeStops = true;
        _mustGo.TrySetResult();
        _termination.Request(grace, abrupt: true);
    }

    /// <summary>The power goes: everything ends now, nothing of it is reported, and what is on the disk stays for the next life of the node.</summary>
    public void LosePower()
    {
        _keepsFiles = true;
        _containers.ForEach(container => container.Running?.Signal(SystemCalls.SignalKill));
        StopWithNode(TimeSpan.Zero);
    }

    /// <summary>A ConfigMap, Secret or claim changed: what waited for it tries again at once, and volumes show it at the pod's next turn.</summary>
    public async Task FollowObjectsAsync()
    {
        _objectsChanged.TrySetResult();
        _containers.ForEach(container => container.Retry());
        if (Interlocked.Exchange(ref _syncs, 1) == 1)
        {
            // the look that is coming sees this change too
            return;
        }

        var interval = _context.Services.Options.VolumeSyncInterval;
        if (interval > TimeSpan.Zero)
        {
            var wait = interval * Random.Shared.NextDouble() * (1 + (Random.Shared.NextDouble() / 2));
            await Task.WhenAny(_mustGo.Task, Task.Delay(wait, _context.Services.Time, CancellationToken.None));
        }

        Interlocked.Exchange(ref _syncs, 0);
        RefreshVolumes(_ => true);
    }

    /// <summary>Brings volumes up to date that show objects.</summary>
    public void RefreshVolumes(Func<V1Volume, bool> which)
    {
        if (_context.Address is not null && !_mustGo.Task.IsCompleted)
        {
            _context.Volumes.Refresh(_context.Fields, which);
        }
    }

    /// <summary>Runs the pod until nothing of it is left. Never throws.</summary>
    public async Task RunAsync()
    {
        using var writing = new CancellationTokenSource();
        var statusWrites = _status.RunAsync(writing.Token);
        try
        {
            if (_context.Pod.Status is { Phase: "Succeeded" or "Failed" } done)
            {
                _final = done;
            }
            else
            {
                _status.MarkChanged();
                await LiveWithinDeadlineAsync();
                _isOver = _termination.Requested.IsCancellationRequested;
                _status.MarkChanged();
            }

            // one whose containers are done stays, with its address and logs, until somebody deletes it
            await _mustGo.Task;
            await writing.CancelAsync();
            await statusWrites;
            await TearDownAsync();
        }
#pragma warning disable CA1031 // one pod's trouble must not end the node; it is logged and its processes are removed
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(_context.Services.Logger, e, NamespacedName.Of(_context.Pod));
            await writing.CancelAsync();
            await statusWrites;
            _termination.Request(TimeSpan.Zero, abrupt: true);
            await _context.DetachAsync();
        }
    }

    public void Dispose()
    {
        _termination.Dispose();
        _status.Dispose();
    }

    /// <summary>Ends the pod when it was active for longer than it may.</summary>
    async Task LiveWithinDeadlineAsync()
    {
        if (_context.Pod.Spec?.ActiveDeadlineSeconds is not { } seconds)
        {
            await LiveAsync();
            return;
        }

        var began = _context.Pod.Status?.StartTime ?? _context.Services.Time.GetUtcNow();
        var left = began + TimeSpan.FromSeconds(seconds) - _context.Services.Time.GetUtcNow();
        var life = LiveAsync();
        using var inTime = new CancellationTokenSource();
        await Task.WhenAny(life, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _context.Services.Time, inTime.Token));
        if (!life.IsCompleted && !_termination.Requested.IsCancellationRequested)
        {
            _isOverdue = true;
            _context.Services.Events.Normal(_context.Pod, "DeadlineExceeded", DeadlineMessage);
            _termination.Request(GraceOf(_context.Pod), abrupt: false);
        }

        await life;
        await inTime.CancelAsync();
    }

    async Task LiveAsync()
    {
        if (!await TrySetUpAsync())
        {
            return;
        }

        _status.MarkChanged();
        var sidecars = new List<Task>();
        var mains = _containers.Where(container => container.Kind == ContainerKind.Main).ToList();
        foreach (var initial in _containers.Where(container => container.Kind != ContainerKind.Main))
        {
            _started = _started.Add(initial);
            var run = initial.RunAsync();
            if (initial.Kind == ContainerKind.Sidecar)
            {
                await Task.WhenAny(initial.Started, run);
                sidecars.Add(run);
                continue;
            }

            await run;
            if (initial.Snapshot.Status.State?.Terminated is not { ExitCode: 0 })
            {
                EndSidecars();
                await Task.WhenAll(sidecars);
                return;
            }
        }

        _started = _started.AddRange(mains);
        await Task.WhenAll(mains.Select(container => container.RunAsync()));
        if (sidecars.Count > 0)
        {
            EndSidecars();
            await Task.WhenAll(sidecars);
        }
    }

    /// <summary>They have no work without the containers that they stand beside.</summary>
    void EndSidecars() => _termination.Request(GraceOf(_context.Pod), abrupt: false);

    /// <summary>Network and volumes, tried until they are there; false when the pod ends before.</summary>
    async Task<bool> TrySetUpAsync()
    {
        var options = _context.Services.Options;
        while (!_termination.Requested.IsCancellationRequested)
        {
            _objectsChanged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                await _context.AttachAsync(_termination.Requested);
                _context.Volumes.Prepare(_context.Fields);
                return true;
            }
            catch (VolumeException e)
            {
                _context.Services.Events.Warning(_context.Pod, "FailedMount", e.Message);
            }
            catch (HostCommandException e)
            {
                _context.Services.Events.Warning(_context.Pod, "FailedCreatePodSandBox", e.Message);
            }
            catch (OperationCanceledException) when (_termination.Requested.IsCancellationRequested)
            {
                break;
            }

            _status.MarkChanged();
            var delay = Task.Delay(options.RetryInterval, _context.Services.Time, _termination.Requested);
            await Task.WhenAny(_objectsChanged.Task, delay);
        }

        return false;
    }

    async Task TearDownAsync()
    {
        var services = _context.Services;
        var last = BuildStatus();
        while (!await TryCleanUpAsync())
        {
            await Task.Delay(services.Options.RetryInterval, services.Time, CancellationToken.None);
        }

        if (_nodeStops)
        {
            return;
        }

        _final = last;
        while (!_gone.Task.IsCompleted && !_nodeStops)
        {
            try
            {
                if (await _status.TryWriteAsync(CancellationToken.None))
                {
                    await services.Api.DeleteAsync<V1Pod>(
                        Pod.Metadata.NamespaceProperty, _context.Name, new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = Uid }, CancellationToken.None);
                    return;
                }
            }
            catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
            {
                return;
            }
            catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
            {
                LogNotDeleted(services.Logger, NamespacedName.Of(Pod), e.Message);
            }

            await Task.WhenAny(_gone.Task, Task.Delay(services.Options.RetryInterval, services.Time, CancellationToken.None));
        }
    }

    /// <summary>False when something of it is in the way still and it must be tried again: the pod's object goes only when nothing else of it is left.</summary>
    async Task<bool> TryCleanUpAsync()
    {
        var services = _context.Services;
        try
        {
            await _context.DetachAsync();
            foreach (var container in _containers)
            {
                for (var run = 0; run <= container.Snapshot.Status.RestartCount; run++)
                {
                    services.Logs.Forget(PodContext.LogPath(services.Instance.PodsDirectory, Uid, container.Container.Name, run));
                }
            }

            if (!_keepsFiles)
            {
                _context.Volumes.Remove();
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HostCommandException)
        {
            LogNotCleanedUp(services.Logger, NamespacedName.Of(Pod), e.Message);
            return _nodeStops;
        }
    }

    V1PodStatus BuildStatus()
    {
        if (_final is { } final)
        {
            return final;
        }

        var status = BuildPodStatus.Of(
            _context.Pod, [.. _containers.Select(container => container.Snapshot)], _context.Address?.Address.ToString(), _context.HostIP, _context.Services.Time.GetUtcNow(), _isOver);
        return _isOver && _isOverdue ? status with { Phase = "Failed", Reason = "DeadlineExceeded", Message = DeadlineMessage } : status;
    }

    static TimeSpan GraceOf(V1Pod pod) => pod.Spec?.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultGrace;

    [LoggerMessage(Level = LogLevel.Error, Message = "Pod {Pod} failed on this node")]
    static partial void LogFailed(ILogger logger, Exception exception, NamespacedName pod);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod} has ended and not all of it can be removed, will try again: {Reason}")]
    static partial void LogNotCleanedUp(ILogger logger, NamespacedName pod, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod} has ended and cannot be deleted, will try again: {Reason}")]
    static partial void LogNotDeleted(ILogger logger, NamespacedName pod, string reason);
}
