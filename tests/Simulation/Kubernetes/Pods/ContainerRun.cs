using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Pods;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Pods;

/// <summary>The life of one container of a pod: pulled, started, probed, restarted, ended.</summary>
sealed class ContainerRun
{
    static readonly TimeSpan PullRetry = TimeSpan.FromSeconds(1);

    readonly PodRun _pod;
    readonly V1Container _container;
    readonly RestartBackoff _restarts = new();
    readonly RestartBackoff _pulls = new();
    Appointment? _next;
    Appointment? _kill;
    Probing? _probing;
    DateTimeOffset _startedAt;
    TimeSpan _began;
    int _run;
    TimeSpan? _terminatedAt;

    public ContainerRun(PodRun pod, V1Container container)
    {
        _pod = pod;
        _container = container;
        var before = pod.Pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == container.Name);
        // a run that this kubelet knows nothing of ended when the host lost its power
        var hasRun = before?.ContainerID is not null;
        _run = hasRun ? before!.RestartCount + 1 : 0;
        Status = new V1ContainerStatus
        {
            Name = container.Name,
            Image = container.Image,
            ImageID = "",
            RestartCount = _run,
            Started = false,
            State = Waiting("ContainerCreating", null),
            LastState = hasRun ? Lost(before!) : new V1ContainerState(),
        };
    }

    public V1Container Container => _container;

    public V1ContainerStatus Status { get; private set; }

    /// <summary>Its present run; null between two.</summary>
    public IContainer? Running { get; private set; }

    /// <summary>Whether it does not run and is not started again.</summary>
    public bool IsDone => Running is null && _pod.IsEnding;

    SimulatedKubernetes World => _pod.World;

    DateTimeOffset Now => World.Simulator.Time.GetUtcNow();

    /// <summary>The pod has its network and volumes.</summary>
    public void Begin() => Pull();

    /// <summary>The pod ends: the preStop hook, then SIGTERM.</summary>
    public void End()
    {
        _next?.Cancel();
        _probing?.StopKilling();
        if (Running is null)
        {
            if (Status.State?.Waiting is { Reason: "CrashLoopBackOff" } && Status.LastState?.Terminated is { } last)
            {
                Set(Status with { State = new V1ContainerState { Terminated = last } });
            }

            return;
        }

        RunPreStop(Running);
    }

    /// <summary>Bounds how long it may take to end, preStop included.</summary>
    public void KillAt(TimeSpan deadline, TimeSpan shortest)
    {
        if (Running is not { } running)
        {
            return;
        }

        _kill?.Cancel();
        _kill = _pod.Later(deadline - World.Simulator.Now, () =>
        {
            Terminate(running);
            _kill = _pod.Later((_terminatedAt ?? World.Simulator.Now) + shortest - World.Simulator.Now, () => Kill(running));
        });
    }

    public void LosePower()
    {
        if (Running is { } running)
        {
            Running = null;
            running.Ended = null;
            running.LosePower();
        }
    }

    void Pull()
    {
        var image = _container.Image ?? "";
        if (_pod.Host.HasImage(image))
        {
            Start();
            return;
        }

        _next = _pod.Later(World.Draw(World.Delays.Pull), () =>
        {
            if (World.HasImage(image))
            {
                _pod.Host.KeepImage(image);
                Start();
            }
            else
            {
                MissImage(image);
            }
        });
    }

    void MissImage(string image)
    {
        var reason = $"failed to resolve reference \"{image}\": not found";
        Set(Status with { State = Waiting("ErrImagePull", reason) });
        _next = _pod.Later(PullRetry, () =>
        {
            var wait = _pulls.Next(TimeSpan.Zero);
            if (wait > TimeSpan.Zero)
            {
                Set(Status with { State = Waiting("ImagePullBackOff", $"Back-off pulling image \"{image}\": ErrImagePull: {reason}") });
            }

            _next = _pod.Later(wait, Pull);
        });
    }

    void Start()
    {
        if (_pod.IsEnding)
        {
            return;
        }

        var last = Status.State?.Terminated;
        var running = World.Runtime.Start(new ContainerStart(_pod.Pod, _container, _pod.Address!, _pod.Host.Name, _pod.Files.Volumes, _pod.Files.Read, World.Names.Resolve));
        Running = running;
        _terminatedAt = null;
        _startedAt = Now;
        _began = World.Simulator.Now;
        var id = string.Create(CultureInfo.InvariantCulture, $"containerd://{_pod.Uid}/{_container.Name}/{World.NextContainer()}");
        World.Simulator.Trace.Add(_pod.Name, "container started");
        if (running.End is null)
        {
            running.Ended = end => HasEnded(running, id, end);
            _probing = new Probing(_pod, _container, running, started: () => Set(Status with { Started = true }), ready: ready => Set(Status with { Ready = ready }), mustEnd: EndByProbe);
        }

        // what the kubelet shows of a new run it reads from the next list of containers
        _pod.Later(_pod.UntilRelist(), () =>
        {
            if (Running == running || running.End is not null)
            {
                ShowRunning(id, last);
            }
        });
        if (running.End is { } already)
        {
            HasEnded(running, id, already);
        }
    }

    void ShowRunning(string id, V1ContainerStateTerminated? last)
    {
        if (Status.ContainerID == id)
        {
            return;
        }

        Set(Status with
        {
            ImageID = _container.Image,
            ContainerID = id,
            State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = _startedAt } },
            LastState = last is null ? Status.LastState : new V1ContainerState { Terminated = last },
            RestartCount = _run,
            Ready = false,
            Started = _container.StartupProbe is null,
        });
        _probing?.Begin();
    }

    void HasEnded(IContainer running, string id, ContainerEnd end)
    {
        if (Running != running)
        {
            return;
        }

        running.Ended = null;
        _probing?.Stop();
        var at = Now;
        World.Simulator.Trace.Add(_pod.Name, string.Create(CultureInfo.InvariantCulture, $"container ended: {end.ExitCode} {end.Reason}"));
        _pod.Later(_terminatedAt is not null ? TimeSpan.Zero : _pod.UntilRelist(), () => Notice(running, id, end, at));
    }

    void Notice(IContainer running, string id, ContainerEnd end, DateTimeOffset at)
    {
        if (Running != running)
        {
            return;
        }

        ShowRunning(id, Status.State?.Terminated);
        Running = null;
        _kill?.Cancel();
        var ended = new V1ContainerStateTerminated
        {
            ExitCode = end.ExitCode,
            Reason = end.Reason,
            Message = end.Message,
            StartedAt = _startedAt,
            FinishedAt = at,
            ContainerID = id,
        };
        Set(Status with { State = new V1ContainerState { Terminated = ended }, Ready = false, Started = false });
        if (_pod.IsEnding)
        {
            _pod.ContainerDone();
            return;
        }

        _run++;
        var wait = _restarts.Next(World.Simulator.Now - _began);
        if (wait > TimeSpan.Zero)
        {
            var message = string.Create(
                CultureInfo.InvariantCulture, $"back-off {wait.TotalSeconds:0}s restarting failed container={_container.Name} pod={_pod.Name}_{_pod.Pod.Metadata.NamespaceProperty}({_pod.Uid})");
            Set(Status with { State = Waiting("CrashLoopBackOff", message), LastState = new V1ContainerState { Terminated = ended } });
        }

        _next = _pod.Later(wait, Start);
    }

    void EndByProbe(V1Probe probe)
    {
        if (Running is { } running && !_pod.IsEnding)
        {
            World.Simulator.Trace.Add(_pod.Name, "ended by a probe");
            KillAt(World.Simulator.Now + TimeSpan.FromSeconds(probe.TerminationGracePeriodSeconds ?? _pod.Pod.Spec?.TerminationGracePeriodSeconds ?? 30), TimeSpan.FromSeconds(2));
            RunPreStop(running);
        }
    }

    void RunPreStop(IContainer running)
    {
        if (_container.Lifecycle?.PreStop is null)
        {
            Terminate(running);
        }
        else
        {
            running.RunPreStop(() => Terminate(running));
        }
    }

    void Terminate(IContainer running)
    {
        if (Running == running && running.End is null && _terminatedAt is null)
        {
            _terminatedAt = World.Simulator.Now;
            running.Terminate();
        }
    }

    void Kill(IContainer running)
    {
        if (Running == running && running.End is null)
        {
            running.Kill();
        }
    }

    void Set(V1ContainerStatus status)
    {
        Status = status;
        _pod.ReportSoon();
    }

    static V1ContainerState Waiting(string reason, string? message) => new() { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } };

    static V1ContainerState Lost(V1ContainerStatus before) => new()
    {
        Terminated = before.State?.Terminated ?? new V1ContainerStateTerminated
        {
            ExitCode = 255,
            Reason = "Unknown",
            StartedAt = before.State?.Running?.StartedAt,
            ContainerID = before.ContainerID,
        },
    };
}
