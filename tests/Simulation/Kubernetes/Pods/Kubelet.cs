using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Kubernetes.Hosts;

namespace Slotwise.Simulation.Kubernetes.Pods;

/// <summary>One life of a host's kubelet, from power on to power off: runs the pods that are bound to the host.</summary>
sealed class Kubelet(SimulatedKubernetes world, Host host)
{
    readonly SortedDictionary<string, PodRun> _pods = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, V1Pod> _heard = new(StringComparer.Ordinal);
    bool _started;
    bool _over;
    bool _missed;

    public SimulatedKubernetes World => world;

    public Host Host => host;

    public IReadOnlyDictionary<string, PodRun> Pods => _pods;

    /// <summary>Whether the host has booted.</summary>
    public bool HasStarted => _started;

    /// <summary>Whether something happened while the line was cut: a watch goes on where it broke, however short the cut was.</summary>
    public bool HasMissed => _missed;

    public void Start()
    {
        _started = true;
        world.ControlPlane.Nodes.Register(host);
        CatchUp();
    }

    /// <summary>Looks at all pods: what happened while nothing could be heard.</summary>
    public void CatchUp()
    {
        _missed = false;
        foreach (var pod in world.Caches.Pods.List().Where(pod => pod.Spec?.NodeName == host.Name))
        {
            Hear(pod);
        }

        foreach (var run in _pods.Values)
        {
            Hear(run.Pod);
            run.ReportSoon();
        }
    }

    /// <summary>Something is to be known of a pod.</summary>
    /// <param name="pod">As it is now, or was last.</param>
    public void Hear(V1Pod pod)
    {
        if (!_started)
        {
            return;
        }

        var uid = pod.Metadata.Uid!;
        var isNews = !_heard.ContainsKey(uid);
        _heard[uid] = pod;
        if (isNews)
        {
            world.Simulator.After(world.Draw(world.Delays.Kubelet), () =>
            {
                _heard.Remove(uid, out var last);
                Look(last!);
            });
        }
    }

    public void LosePower()
    {
        _over = true;
        foreach (var run in _pods.Values)
        {
            run.LosePower();
        }
    }

    /// <summary>Nothing is left of a pod.</summary>
    public void Remove(PodRun run)
    {
        _pods.Remove(run.Uid);
        host.RemoveDirectories(run.Uid);
        world.Disks.Detach(run.Uid);
    }

    void Look(V1Pod last)
    {
        if (_over)
        {
            return;
        }

        if (!host.ReachesApi)
        {
            _missed = true;
            return;
        }

        var uid = last.Metadata.Uid!;
        var pod = world.Caches.Pods.Get(NamespacedName.Of(last)) is { } found && found.Metadata.Uid == uid ? found : null;
        if (_pods.TryGetValue(uid, out var run))
        {
            run.Update(pod ?? last);
            if (pod is null)
            {
                run.ObjectGone();
            }
        }
        else if (pod is not null)
        {
            _pods[uid] = run = new PodRun(this, pod);
            run.Start();
        }
    }
}
