using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Kubernetes.Pods;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Hosts;

/// <summary>A machine: its power, its line to the API server, its kubelet, and what is on its own disk.</summary>
public sealed class Host
{
    readonly SimulatedKubernetes _world;
    readonly SortedDictionary<string, SortedDictionary<string, Volume>> _directories = new(StringComparer.Ordinal);
    readonly SortedSet<string> _images = new(StringComparer.Ordinal);
    Kubelet? _kubelet;

    internal Host(SimulatedKubernetes world, int index)
    {
        _world = world;
        Index = index;
        Name = string.Create(CultureInfo.InvariantCulture, $"host-{index}");
        Zone = $"zone-{(char)('a' + index)}";
        world.Caches.Pods.AddHandler((before, after) =>
        {
            if ((after ?? before)!.Spec?.NodeName == Name)
            {
                _kubelet?.Hear((after ?? before)!);
            }
        });
    }

    /// <summary>Its place among the hosts.</summary>
    public int Index { get; }

    /// <summary>By which the network knows it, too.</summary>
    public string Name { get; }

    public string Zone { get; }

    public bool IsOn { get; private set; }

    /// <summary>When it last told the API server that it is alive.</summary>
    public DateTimeOffset? LastBeat { get; private set; }

    /// <summary>What runs on it, by the pods' uids; empty while it is off.</summary>
    internal IReadOnlyDictionary<string, PodRun> Pods => _kubelet?.Pods ?? new SortedDictionary<string, PodRun>(StringComparer.Ordinal);

    internal bool ReachesApi => IsOn && _world.Network.Reaches(Name, Network.ApiServer) && _world.Network.Reaches(Network.ApiServer, Name);

    /// <summary>Starts it: its kubelet comes up after the boot, or at once.</summary>
    public void TurnOn(bool atOnce = false)
    {
        if (IsOn)
        {
            return;
        }

        IsOn = true;
        _world.Network.SetOff(Name, false);
        _world.Simulator.Trace.Add(Name, "power on");
        var life = new Kubelet(_world, this);
        _kubelet = life;
        _world.Simulator.After(atOnce ? TimeSpan.Zero : _world.Draw(_world.Delays.Boot), () =>
        {
            if (_kubelet == life && IsOn)
            {
                life.Start();
                Beat(life);
            }
        });
    }

    /// <summary>Everything on it ends now and nobody tells. What is on its disk stays.</summary>
    public void TurnOff()
    {
        if (!IsOn)
        {
            return;
        }

        _world.Simulator.Trace.Add(Name, "power off");
        IsOn = false;
        _world.Network.SetOff(Name, true);
        _kubelet?.LosePower();
        _kubelet = null;
    }

    /// <summary>What it is about to have done; null when nothing: it boots, or brings up or ends a pod. What waits for something else is not counted.</summary>
    public string? FindWork() =>
        !IsOn ? null
        : _kubelet is not { HasStarted: true } ? $"{Name} boots"
        : Pods.Values.FirstOrDefault(pod => pod.IsUnderWay) is { } pod ? $"{pod.Name} is being {(pod.IsEnding ? "ended" : "started")}"
        : null;

    internal bool HasImage(string image) => _images.Contains(image);

    internal void KeepImage(string image) => _images.Add(image);

    /// <summary>A directory of a pod, which survives restarts of its containers and of the host.</summary>
    internal Volume Directory(string podUid, string name)
    {
        if (!_directories.TryGetValue(podUid, out var directories))
        {
            _directories[podUid] = directories = new SortedDictionary<string, Volume>(StringComparer.Ordinal);
        }

        if (!directories.TryGetValue(name, out var volume))
        {
            directories[name] = volume = new Volume(name);
        }

        return volume;
    }

    internal void RemoveDirectories(string podUid) => _directories.Remove(podUid);

    void Beat(Kubelet life)
    {
        if (_kubelet != life)
        {
            return;
        }

        if (ReachesApi)
        {
            var gap = LastBeat is { } last ? _world.Simulator.Time.GetUtcNow() - last : TimeSpan.MaxValue;
            LastBeat = _world.Simulator.Time.GetUtcNow();
            _world.ControlPlane.Nodes.SayReady(this);
            if (life.HasMissed || gap > _world.Delays.Hosts.Heartbeat * 1.5)
            {
                life.CatchUp();
            }
        }

        _world.Simulator.After(_world.Delays.Hosts.Heartbeat, () => Beat(life));
    }

    /// <summary>The object that stands for it.</summary>
    internal V1Node BuildNode(DateTimeOffset now)
    {
        var capacity = new Dictionary<string, Quantity> { ["cpu"] = "64", ["memory"] = "256Gi", ["pods"] = "250", ["ephemeral-storage"] = "1000Gi" };
        return new V1Node
        {
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                Labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/hostname"] = Name, ["kubernetes.io/os"] = "linux", ["topology.kubernetes.io/zone"] = Zone },
            },
            Spec = new V1NodeSpec(),
            Status = new V1NodeStatus { Capacity = capacity, Allocatable = capacity, Conditions = Conditions(now) },
        };
    }

    internal static IReadOnlyList<V1NodeCondition> Conditions(DateTimeOffset now) =>
    [
        new V1NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady", Message = "kubelet is posting ready status", LastHeartbeatTime = now, LastTransitionTime = now },
    ];
}
