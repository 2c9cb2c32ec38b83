using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Nodes.Containers;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>Ends a run of a container: preStop, its turn, SIGTERM, time to end, SIGKILL.</summary>
/// <param name="turn">Completes when those have ended that must end before it (a sidecar outlives what it stands beside).</param>
/// <param name="tell">Writes an event: type, reason and note.</param>
sealed class ContainerEnd(V1Container container, PodContext context, Termination termination, Func<Task> turn, Action<string, string, string> tell)
{
    // after preStop took all the time there still is a moment for SIGTERM (kubelet's minimumGracePeriodInSeconds)
    static readonly TimeSpan ShortestGrace = TimeSpan.FromSeconds(2);

    TimeProvider Time => context.Services.Time;

    /// <param name="byProbe">Why it ends, and the probe that wants it, when its pod goes on.</param>
    public async Task RunAsync(IRunningContainer running, (string Why, V1Probe Probe)? byProbe)
    {
        tell("Normal", "Killing", byProbe is { } probe ? $"Container {container.Name} {probe.Why}, will be restarted" : $"Stopping container {container.Name}");
        var grace = byProbe is null
            ? TimeSpan.MaxValue // the termination's own deadline
            : TimeSpan.FromSeconds(byProbe.Value.Probe.TerminationGracePeriodSeconds ?? context.Pod.Spec?.TerminationGracePeriodSeconds ?? 30);
        var began = Time.GetTimestamp();
        if (container.Lifecycle?.PreStop is { } preStop && !termination.IsAbrupt)
        {
            await RunPreStopAsync(preStop, running, grace);
        }

        if (byProbe is null && !termination.IsAbrupt)
        {
            await termination.WaitAsync(Task.WhenAny(turn(), running.Exit), TimeSpan.MaxValue);
        }

        running.Signal(SystemCalls.SignalTerminate);
        var left = grace == TimeSpan.MaxValue ? grace : grace - Time.GetElapsedTime(began);
        if (!await termination.WaitAsync(running.Exit, left, termination.IsAbrupt ? TimeSpan.Zero : ShortestGrace))
        {
            running.Signal(SystemCalls.SignalKill);
        }
    }

    async Task RunPreStopAsync(V1LifecycleHandler preStop, IRunningContainer running, TimeSpan grace)
    {
        using var enough = new CancellationTokenSource();
        var limit = grace == TimeSpan.MaxValue ? TimeSpan.FromDays(1) : grace;
        var hook = context.Services.Probes.AskAsync(preStop, container, running, context.Address!.Address, limit, enough.Token);
        if (await termination.WaitAsync(Task.WhenAny(hook, running.Exit), grace) && hook.IsCompletedSuccessfully)
        {
            var answer = await hook;
            if (!answer.Success)
            {
                tell("Warning", "FailedPreStopHook", $"PreStopHook failed: {answer.Output}");
            }

            return;
        }

        await enough.CancelAsync();
        await hook.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
