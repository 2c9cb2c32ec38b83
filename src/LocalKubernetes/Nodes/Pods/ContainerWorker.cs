using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Nodes.Containers;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>The life of one container: started, probed, restarted, ended.</summary>
sealed class ContainerWorker
{
    readonly PodContext _context;
    readonly Termination _termination;
    readonly Action _changed;
    readonly ContainerEnd _end;
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly RestartBackoff _restarts = new();
    readonly RestartBackoff _pulls = new();
    readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile V1ContainerStatus _status;
    volatile IRunningContainer? _running;
    TaskCompletionSource _retry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _run;

    /// <param name="changed">Called when its status is another.</param>
    /// <param name="waitsForInit">Whether init containers come first.</param>
    /// <param name="turn">When its pod ends: completes when those have ended that must end before it.</param>
    public ContainerWorker(V1Container container, ContainerKind kind, PodContext context, Termination termination, Action changed, bool waitsForInit, Func<Task> turn)
    {
        Container = container;
        Kind = kind;
        _context = context;
        _termination = termination;
        _changed = changed;
        _end = new ContainerEnd(container, context, termination, turn, Event);
        var before = (context.Pod.Status?.ContainerStatuses ?? []).Concat(context.Pod.Status?.InitContainerStatuses ?? []).FirstOrDefault(status => status.Name == container.Name);
        // a run that this process knows nothing of ended with an earlier life of the node
        var hasRun = before?.ContainerID is not null;
        _run = hasRun ? before!.RestartCount + 1 : 0;
        _status = new V1ContainerStatus
        {
            Name = container.Name,
            Image = container.Image,
            ImageID = "",
            RestartCount = _run,
            Started = false,
            State = Waiting(waitsForInit ? "PodInitializing" : "ContainerCreating", null),
            LastState = hasRun ? Lost(before!) : new V1ContainerState(),
        };
    }

    public V1Container Container { get; }

    public ContainerKind Kind { get; }

    public ContainerSnapshot Snapshot => new(Kind, _status);

    /// <summary>Its present run; null between two.</summary>
    public IRunningContainer? Running => _running;

    /// <summary>Completes when it has started in the sense of its startup probe.</summary>
    public Task Started => _started.Task;

    /// <summary>Completes when it has ended and is not started again.</summary>
    public Task Done => _done.Task;

    PodServices Services => _context.Services;

    string What => $"spec.{(Kind == ContainerKind.Main ? "containers" : "initContainers")}{{{Container.Name}}}";

    TimeProvider Time => Services.Time;

    /// <summary>Something that it may be waiting for is there now.</summary>
    public void Retry() => _retry.TrySetResult();

    /// <summary>Runs it until it is done for good, or the pod ends. The status tells how.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (!_termination.Requested.IsCancellationRequested && await TryRunOnceAsync())
            {
            }

            ShowLastRun();
        }
        finally
        {
            _done.TrySetResult();
        }
    }

    /// <summary>False when it is not to be started again.</summary>
    async Task<bool> TryRunOnceAsync()
    {
        var running = await TryStartAsync();
        if (running is null)
        {
            return _status.State?.Terminated is not { } failed || Restarts(failed.ExitCode);
        }

        _running = running;
        var exit = await LiveAsync(running);
        if (!_termination.Requested.IsCancellationRequested)
        {
            await RelistAsync(null);
        }

        _running = null;
        var ended = Ended(running, exit);
        await running.DisposeAsync();
        Set(_status with { State = new V1ContainerState { Terminated = ended }, Ready = Kind == ContainerKind.Init && exit.Code == 0, Started = false });
        if (_termination.Requested.IsCancellationRequested || !Restarts(exit.Code))
        {
            return false;
        }

        await PauseAsync(exit.At - running.StartedAt, ended);
        return true;
    }

    /// <summary>One that was waiting for its next run when the pod ended has ended as its last run did.</summary>
    void ShowLastRun()
    {
        if (_status.State?.Waiting is { Reason: "CrashLoopBackOff" } && _status.LastState?.Terminated is { } last)
        {
            Set(_status with { State = new V1ContainerState { Terminated = last } });
        }
    }

    /// <summary>Null when it did not start and has to be tried again; it has waited by then.</summary>
    async Task<IRunningContainer?> TryStartAsync()
    {
        _retry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Services.Images.TryFind(Container.Image ?? "", out var image, out var reason))
        {
            await MissImageAsync(reason);
            return null;
        }

        try
        {
            var spec = _context.BuildSpec(Container, image, _run);
            _context.ForgetRun(Container, _run - 2);
            if (_run == 0)
            {
                Event("Normal", "Pulled", $"Container image \"{Container.Image}\" already present on machine");
            }

            var running = await Services.Runtime.StartAsync(spec, _termination.Requested);
            await RelistAsync(running.Exit);
            Event("Normal", "Created", $"Created container: {Container.Name}");
            Event("Normal", "Started", $"Started container {Container.Name}");
            Set(_status with
            {
                ImageID = image.Id,
                ContainerID = running.Id,
                State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = running.StartedAt } },
                LastState = _status.State?.Terminated is { } last ? new V1ContainerState { Terminated = last } : _status.LastState,
                RestartCount = _run,
                Ready = false,
                Started = Container.StartupProbe is null,
            });
            return running;
        }
        catch (OperationCanceledException) when (_termination.Requested.IsCancellationRequested)
        {
            return null;
        }
        catch (ContainerConfigException e)
        {
            await FailToStartAsync("CreateContainerConfigError", e.Message, Services.Options.RetryInterval);
        }
        catch (Volumes.VolumeException e)
        {
            await FailToStartAsync("CreateContainerConfigError", e.Message, Services.Options.RetryInterval);
        }
        catch (ContainerStartException e) when (e.Reason == "StartError")
        {
            // the runtime made it and its program did not run: it counts as a run
            Event("Warning", "Failed", $"Error: {e.Message}");
            var now = Time.GetUtcNow();
            var ended = new V1ContainerStateTerminated { ExitCode = 128, Reason = "StartError", Message = e.Message, StartedAt = now, FinishedAt = now };
            Set(_status with { ImageID = image.Id, State = new V1ContainerState { Terminated = ended }, RestartCount = _run });
            if (Restarts(ended.ExitCode))
            {
                await PauseAsync(TimeSpan.Zero, ended);
            }
        }
        catch (ContainerStartException e)
        {
            await FailToStartAsync(e.Reason, e.Message, Services.Options.RetryInterval * 5);
        }

        return null;
    }

    /// <summary>Waits until the node looks at its containers again, or something happens that it does not have to look for.</summary>
    async Task RelistAsync(Task? something)
    {
        var interval = Services.Options.RelistInterval;
        if (interval > TimeSpan.Zero)
        {
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(_termination.Requested);
            var delay = Task.Delay(interval - TimeSpan.FromTicks(Time.GetUtcNow().Ticks % interval.Ticks), Time, woken.Token);
            await Task.WhenAny(something ?? delay, delay);
            await woken.CancelAsync();
        }
    }

    async Task MissImageAsync(string reason)
    {
        var image = Container.Image ?? "";
        if (!ImageReference.IsWellFormed(image))
        {
            var message = $"Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format";
            Event("Warning", "InspectFailed", message);
            Event("Warning", "Failed", "Error: InvalidImageName");
            await WaitForImageAsync("InvalidImageName", message);
            return;
        }

        if (Container.ImagePullPolicy == "Never")
        {
            var message = $"Container image \"{image}\" is not present with pull policy of Never";
            Event("Warning", "ErrImageNeverPull", message);
            await WaitForImageAsync("ErrImageNeverPull", message);
            return;
        }

        Event("Warning", "Failed", $"Failed to pull image \"{Container.Image}\": {reason}");
        Event("Warning", "Failed", "Error: ErrImagePull");
        Set(_status with { State = Waiting("ErrImagePull", reason) });
        await WaitAsync(Services.Options.RetryInterval);
        var wait = _pulls.Next(TimeSpan.Zero);
        if (wait > TimeSpan.Zero && !_termination.Requested.IsCancellationRequested)
        {
            Event("Normal", "BackOff", $"Back-off pulling image \"{Container.Image}\"");
            Set(_status with { State = Waiting("ImagePullBackOff", $"Back-off pulling image \"{Container.Image}\": ErrImagePull: {reason}") });
            await WaitAsync(wait);
        }
    }

    async Task WaitForImageAsync(string reason, string message)
    {
        Set(_status with { State = Waiting(reason, message) });
        await WaitAsync(Services.Options.RetryInterval * 5);
    }

    async Task FailToStartAsync(string reason, string message, TimeSpan wait)
    {
        Event("Warning", "Failed", $"Error: {message}");
        Set(_status with { State = Waiting(reason, message) });
        await WaitAsync(wait);
    }

    async Task<ContainerExit> LiveAsync(IRunningContainer running)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_termination.Requested);
        using var exited = new CancellationTokenSource();
        var unhealthy = new TaskCompletionSource<(string Why, V1Probe Probe)>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Container.Lifecycle?.PostStart is { } postStart && !running.Exit.IsCompleted)
        {
            await RunPostStartAsync(postStart, running, unhealthy, ending.Token);
        }

        var prober = new ContainerProber(Container, running, _context, new ProbeListener(SetStarted, SetReady, (why, probe) => unhealthy.TrySetResult((why, probe)), (note) => Event("Warning", "Unhealthy", note)));
        var probing = prober.RunAsync(exited.Token);
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (_termination.Requested.Register(() => requested.TrySetResult()))
        {
            await Task.WhenAny(running.Exit, unhealthy.Task, requested.Task);
        }

        if (!running.Exit.IsCompleted)
        {
            var byProbe = !_termination.Requested.IsCancellationRequested && unhealthy.Task.IsCompletedSuccessfully ? await unhealthy.Task : default((string Why, V1Probe Probe)?);
            await _end.RunAsync(running, byProbe);
        }

        var exit = await running.Exit;
        await exited.CancelAsync();
        await probing;
        return exit;
    }

    async Task RunPostStartAsync(V1LifecycleHandler hook, IRunningContainer running, TaskCompletionSource<(string Why, V1Probe Probe)> unhealthy, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Services.Probes.AskAsync(hook, Container, running, _context.Address!.Address, TimeSpan.FromMinutes(10), cancellationToken);
            if (!answer.Success)
            {
                Event("Warning", "FailedPostStartHook", $"PostStartHook failed: {answer.Output}");
                unhealthy.TrySetResult(("FailedPostStartHook", new V1Probe()));
            }
        }
        catch (OperationCanceledException)
        {
            // the pod ends: so does the hook
        }
    }

    async Task PauseAsync(TimeSpan ran, V1ContainerStateTerminated ended)
    {
        _run++;
        var wait = _restarts.Next(ran);
        if (wait == TimeSpan.Zero)
        {
            return;
        }

        var pod = _context.Pod.Metadata;
        var message = string.Create(CultureInfo.InvariantCulture, $"back-off {Text(wait)} restarting failed container={Container.Name} pod={pod.Name}_{pod.NamespaceProperty}({pod.Uid})");
        Event("Warning", "BackOff", $"Back-off restarting failed container {Container.Name} in pod {pod.Name}_{pod.NamespaceProperty}({pod.Uid})");
        Set(_status with { State = Waiting("CrashLoopBackOff", message), LastState = new V1ContainerState { Terminated = ended }, Ready = false });
        await WaitAsync(wait, wakeable: false);
    }

    async Task WaitAsync(TimeSpan wait, bool wakeable = true)
    {
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(_termination.Requested);
        var delay = Task.Delay(wait, Time, woken.Token);
        await Task.WhenAny(wakeable ? _retry.Task : delay, delay);
        await woken.CancelAsync();
    }

    V1ContainerStateTerminated Ended(IRunningContainer running, ContainerExit exit) => new()
    {
        ExitCode = exit.Code,
        Reason = exit.Code == 0 ? "Completed" : "Error",
        Message = ReadTerminationMessage.Of(Container, _context, _run, exit.Code),
        StartedAt = running.StartedAt,
        FinishedAt = exit.At,
        ContainerID = running.Id,
    };

    bool Restarts(int code) => Kind switch
    {
        ContainerKind.Sidecar => true,
        ContainerKind.Init => code != 0 && _context.Pod.Spec?.RestartPolicy != "Never",
        _ => _context.Pod.Spec?.RestartPolicy switch { "Never" => false, "OnFailure" => code != 0, _ => true },
    };

    void SetStarted()
    {
        Set(_status with { Started = true });
        _started.TrySetResult();
    }

    void SetReady(bool ready) => Set(_status with { Ready = ready });

    void Set(V1ContainerStatus status)
    {
        _status = status;
        _changed();
    }

    void Event(string type, string reason, string note) =>
        Services.Events.Record(Events.EventRecorder.Reference(_context.Pod) with { FieldPath = What }, type, reason, note);

    static V1ContainerState Waiting(string reason, string? message) => new() { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } };

    static V1ContainerState Lost(V1ContainerStatus before) => new()
    {
        Terminated = before.State?.Terminated ?? new V1ContainerStateTerminated
        {
            ExitCode = 137,
            Reason = "ContainerStatusUnknown",
            Message = "The container could not be located when the pod was started again",
            StartedAt = before.State?.Running?.StartedAt,
            ContainerID = before.ContainerID,
        },
    };

    static string Text(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m{time.Seconds}s");
}
