using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Probes;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>What a container's probes bring about.</summary>
/// <param name="Started">Its startup probe succeeded, or it has none.</param>
/// <param name="Ready">Its readiness changed.</param>
/// <param name="MustEnd">A startup or liveness probe failed for good; why, and the probe.</param>
/// <param name="Unhealthy">One answer was bad; what to tell people.</param>
sealed record ProbeListener(Action Started, Action<bool> Ready, Action<string, V1Probe> MustEnd, Action<string> Unhealthy);

/// <summary>Asks the probes of one run of a container: the startup probe first, then readiness and liveness side by side.</summary>
sealed class ContainerProber(V1Container container, IRunningContainer running, PodContext context, ProbeListener listener)
{
    /// <summary>Asks until cancelled. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (container.StartupProbe is { } startup && !await AskUntilStartedAsync(startup, cancellationToken))
            {
                return;
            }

            listener.Started();
            if (container.ReadinessProbe is null)
            {
                listener.Ready(true);
            }

            await Task.WhenAll(
                container.ReadinessProbe is { } readiness ? AskReadinessAsync(readiness, cancellationToken) : Task.CompletedTask,
                container.LivenessProbe is { } liveness ? AskLivenessAsync(liveness, cancellationToken) : Task.CompletedTask);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the run is over
        }
    }

    async Task<bool> AskUntilStartedAsync(V1Probe probe, CancellationToken cancellationToken)
    {
        var state = new ProbeState(probe, null);
        await DelayFirstAsync(probe, cancellationToken);
        while (true)
        {
            if (state.Record(await AskAsync("Startup", probe, cancellationToken)))
            {
                if (state.Result == false)
                {
                    listener.MustEnd("failed startup probe", probe);
                }

                return state.Result == true;
            }

            await DelayAsync(probe, cancellationToken);
        }
    }

    async Task AskReadinessAsync(V1Probe probe, CancellationToken cancellationToken)
    {
        var state = new ProbeState(probe, false);
        await DelayFirstAsync(probe, cancellationToken, atOnce: true);
        while (true)
        {
            if (state.Record(await AskAsync("Readiness", probe, cancellationToken)))
            {
                listener.Ready(state.Result == true);
            }

            await DelayAsync(probe, cancellationToken);
        }
    }

    async Task AskLivenessAsync(V1Probe probe, CancellationToken cancellationToken)
    {
        var state = new ProbeState(probe, true);
        await DelayFirstAsync(probe, cancellationToken);
        while (true)
        {
            if (state.Record(await AskAsync("Liveness", probe, cancellationToken)) && state.Result == false)
            {
                listener.MustEnd("failed liveness probe", probe);
                return;
            }

            await DelayAsync(probe, cancellationToken);
        }
    }

    async Task<bool> AskAsync(string kind, V1Probe probe, CancellationToken cancellationToken)
    {
        var answer = await context.Services.Probes.AskAsync(probe, container, running, context.Address!.Address, cancellationToken);
        if (!answer.Success && !running.Exit.IsCompleted)
        {
            listener.Unhealthy($"{kind} probe failed: {answer.Output}");
        }

        return answer.Success;
    }

    /// <param name="atOnce">Whether the container's start is a reason to ask (kubelet's prober_manager.go, manualTriggerCh).</param>
    Task DelayFirstAsync(V1Probe probe, CancellationToken cancellationToken, bool atOnce = false)
    {
        if (context.Services.Options.ProbesTick)
        {
            return atOnce && probe.InitialDelaySeconds is null or 0 ? Task.CompletedTask : Task.Delay(UntilTick(probe), context.Services.Time, cancellationToken);
        }

        // many pods that start together must not ask together
        var jitter = context.Services.Options.FirstProbeDelay * (1 + Random.Shared.NextDouble());
        var initial = TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0) - (context.Services.Time.GetUtcNow() - running.StartedAt);
        return Task.Delay(initial > jitter ? initial : container.StartupProbe is not null && probe != container.StartupProbe ? TimeSpan.Zero : jitter, context.Services.Time, cancellationToken);
    }

    /// <summary>Until the first multiple of the probe's period that is not before its initial delay.</summary>
    TimeSpan UntilTick(V1Probe probe)
    {
        var now = context.Services.Time.GetUtcNow();
        var earliest = running.StartedAt + TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0);
        var period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10));
        var ticks = Math.Ceiling(((earliest > now ? earliest : now) - context.Began) / period);
        return context.Began + (period * ticks) - now;
    }

    Task DelayAsync(V1Probe probe, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10)), context.Services.Time, cancellationToken);
}
