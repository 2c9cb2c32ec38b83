using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Pods;
using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.Kubernetes.Pods;

/// <summary>The life of one pod on a host: volumes and network, its containers, and its end.</summary>
sealed class PodRun
{
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // after preStop took all the time there still is a moment for SIGTERM (kubelet's minimumGracePeriodInSeconds)
    static readonly TimeSpan ShortestGrace = TimeSpan.FromSeconds(2);

    /// <summary>For an address that a run wants it to have: more than whoever has it takes to end.</summary>
    const int MostWaits = 20;

    readonly Kubelet _kubelet;
    readonly List<ContainerRun> _containers;
    readonly TimeSpan _relistPhase;
    bool _lost;
    bool _isOver;
    bool _gone;
    bool _tearingDown;
    bool _reporting;
    string? _written;
    TimeSpan? _deadline;
    int _waits;

    public PodRun(Kubelet kubelet, V1Pod pod)
    {
        _kubelet = kubelet;
        Pod = pod;
        Files = new PodFiles(this);
        _relistPhase = World.Delays.Relist * World.Random.NextDouble();
        _containers = [.. (pod.Spec?.Containers ?? []).Select(container => new ContainerRun(this, container))];
    }

    public V1Pod Pod { get; private set; }

    public string Uid => Pod.Metadata.Uid!;

    public string Name => Pod.Metadata.Name!;

    public SimulatedKubernetes World => _kubelet.World;

    public Hosts.Host Host => _kubelet.Host;

    public PodFiles Files { get; }

    /// <summary>Null while it has no network.</summary>
    public string? Address { get; private set; }

    public IReadOnlyList<ContainerRun> Containers => _containers;

    /// <summary>Whether it has been told to end.</summary>
    public bool IsEnding => _deadline is not null;

    /// <summary>Whether it is being ended, or a container has not run yet and nothing is in its way.</summary>
    public bool IsUnderWay => IsEnding || _containers.Any(container => container.Status.State?.Waiting is { Reason: "ContainerCreating" });

    public void Start()
    {
        if (Pod.Status?.Phase is "Succeeded" or "Failed")
        {
            _isOver = true;
        }
        else if (Pod.Metadata.DeletionTimestamp is null)
        {
            ReportSoon();
            Later(World.Draw(World.Delays.PodStart), SetUp);
        }

        Update(Pod);
    }

    /// <summary>Takes a newer version of the object.</summary>
    public void Update(V1Pod pod)
    {
        Files.Hear(Pod, pod);
        Pod = pod;
        if (_written is not null && ReadyIn(pod.Status) != ReadyIn(BuildStatus()))
        {
            // the control plane said so of pods on a host that was silent
            _written = null;
            ReportSoon();
        }

        if (pod.Metadata.DeletionTimestamp is not null)
        {
            End(TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? pod.Spec?.TerminationGracePeriodSeconds ?? 30));
        }
    }

    /// <summary>The object is gone without waiting for this host: the containers still get their time.</summary>
    public void ObjectGone()
    {
        _gone = true;
        End(TimeSpan.FromSeconds(Math.Max(1, Pod.Metadata.DeletionGracePeriodSeconds ?? Pod.Spec?.TerminationGracePeriodSeconds ?? 30)));
    }

    public void LosePower()
    {
        _lost = true;
        foreach (var container in _containers)
        {
            container.LosePower();
        }

        if (Address is { } address)
        {
            World.Addresses.Release(address);
        }
    }

    /// <summary>Has something happen later, unless the host has lost its power by then.</summary>
    public Appointment Later(TimeSpan delay, Action action) => World.Simulator.After(delay, () =>
    {
        if (!_lost)
        {
            action();
        }
    });

    /// <summary>Until the host looks at its containers again.</summary>
    public TimeSpan UntilRelist()
    {
        var interval = World.Delays.Relist;
        return interval <= TimeSpan.Zero ? TimeSpan.Zero : interval - TimeSpan.FromTicks((World.Simulator.Now + _relistPhase).Ticks % interval.Ticks);
    }

    /// <summary>Has the status written soon.</summary>
    public void ReportSoon()
    {
        if (!_reporting && !_tearingDown)
        {
            _reporting = true;
            Later(World.Draw(World.Delays.Status), () =>
            {
                _reporting = false;
                if (!_tearingDown && !TryReport())
                {
                    Later(Retry, ReportSoon);
                }
            });
        }
    }

    /// <summary>A container has ended and is not started again.</summary>
    public void ContainerDone()
    {
        if (IsEnding && _containers.TrueForAll(container => container.IsDone) && !_tearingDown)
        {
            TearDown();
        }
    }

    void SetUp()
    {
        if (IsEnding)
        {
            return;
        }

        if (!Files.TryMount())
        {
            Later(Retry, SetUp);
            return;
        }

        if (World.Addresses.IsAwaited(Name) && _waits++ < MostWaits)
        {
            Later(Retry, SetUp);
            return;
        }

        Address = World.Addresses.Take(Host.Index, Name);
        World.Network.Place(Address, Host.Name);
        ReportSoon();
        foreach (var container in _containers)
        {
            container.Begin();
        }
    }

    void End(TimeSpan grace)
    {
        var deadline = World.Simulator.Now + grace;
        if (_deadline is { } known && known <= deadline)
        {
            return;
        }

        var isFirst = _deadline is null;
        _deadline = deadline;
        foreach (var container in _containers)
        {
            if (isFirst)
            {
                container.End();
            }

            container.KillAt(deadline, ShortestGrace);
        }

        ContainerDone();
    }

    void TearDown()
    {
        _tearingDown = true;
        _isOver = true;
        Later(World.Draw(World.Delays.TearDown), () =>
        {
            if (Address is { } address)
            {
                World.Addresses.Release(address);
            }

            RemoveObject();
        });
    }

    /// <summary>What is left is the object: the last status, then it goes.</summary>
    void RemoveObject()
    {
        if (!_gone && (!Host.ReachesApi || !TryReport()))
        {
            Later(Retry, RemoveObject);
            return;
        }

        _kubelet.Remove(this);
        if (_gone)
        {
            return;
        }

        try
        {
            World.KubeletApi.DeleteAsync<V1Pod>(Pod.Metadata.NamespaceProperty, Name, new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = Uid }, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // gone already
        }
    }

    /// <returns>False when it must be tried again.</returns>
    bool TryReport()
    {
        if (!Host.ReachesApi)
        {
            return false;
        }

        var json = (JsonObject)JsonSerializer.SerializeToNode(new V1Pod { Metadata = new V1ObjectMeta { Uid = Uid }, Status = BuildStatus() }, V1Pod.JsonTypeInfo)!;
        json.Remove("apiVersion");
        json.Remove("kind");
        var text = json.ToJsonString();
        if (text == _written)
        {
            return true;
        }

        try
        {
            World.KubeletApi.MergePatchAsync<V1Pod>(Pod.Metadata.NamespaceProperty, Name, json, "status", CancellationToken.None).GetAwaiter().GetResult();
            _written = text;
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // a pod that is gone needs no status
        }

        return true;
    }

    V1PodStatus BuildStatus() => BuildPodStatus.Of(
        Pod, [.. _containers.Select(container => new ContainerSnapshot(ContainerKind.Main, container.Status))], Address, Host.Name, World.Simulator.Time.GetUtcNow(), _isOver);

    static string? ReadyIn(V1PodStatus? status) => status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status;
}
