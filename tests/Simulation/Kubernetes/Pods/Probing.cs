using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Probes;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Pods;

/// <summary>Asks the probes of one run of a container: the startup probe first, then readiness and liveness side by side.</summary>
sealed class Probing(PodRun pod, V1Container container, IContainer running, Action started, Action<bool> ready, Action<V1Probe> mustEnd)
{
    bool _isOver;
    bool _killsNoMore;

    /// <summary>The kubelet has seen that it runs.</summary>
    public void Begin()
    {
        if (container.StartupProbe is { } startup)
        {
            Ask(startup, "startup", new ProbeState(startup, null), AfterTick(startup), succeeded =>
            {
                if (succeeded)
                {
                    Started();
                }
                else
                {
                    mustEnd(startup);
                }

                return false;
            });
        }
        else
        {
            Started();
        }
    }

    /// <summary>The run is over.</summary>
    public void Stop() => _isOver = true;

    /// <summary>The pod ends: nothing but its readiness is asked for.</summary>
    public void StopKilling() => _killsNoMore = true;

    void Started()
    {
        started();
        if (container.ReadinessProbe is { } readiness)
        {
            Ask(readiness, "readiness", new ProbeState(readiness, false), TimeSpan.Zero, succeeded =>
            {
                ready(succeeded);
                return true;
            });
        }
        else
        {
            ready(true);
        }

        if (container.LivenessProbe is { } liveness)
        {
            Ask(liveness, "liveness", new ProbeState(liveness, true), AfterTick(liveness), succeeded =>
            {
                if (!succeeded)
                {
                    mustEnd(liveness);
                }

                return succeeded;
            });
        }
    }

    /// <param name="changed">Takes a new result; whether to ask on.</param>
    void Ask(V1Probe probe, string question, ProbeState state, TimeSpan wait, Func<bool, bool> changed) => pod.Later(wait, () =>
    {
        if (_isOver || (_killsNoMore && question != "readiness"))
        {
            return;
        }

        if (!state.Record(running.Probe(question)) || changed(state.Result == true))
        {
            Ask(probe, question, state, TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10)), changed);
        }
    });

    /// <summary>Probes of many pods are not asked together.</summary>
    TimeSpan AfterTick(V1Probe probe) => TimeSpan.FromSeconds((probe.InitialDelaySeconds ?? 0) + (Math.Max(1, probe.PeriodSeconds ?? 10) * pod.World.Random.NextDouble()));
}
