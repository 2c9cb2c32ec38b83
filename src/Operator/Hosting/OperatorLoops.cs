using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Events;
using Slotwise.Kubernetes.LeaderElection;
using Slotwise.Operator.CommandLine;
using Slotwise.Reconcilers;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Operator.Hosting;

/// <summary>
/// What runs in the operator: the informers, also on a standby; the controller, once their copies are complete and, if asked for, the lease is held;
/// and the writer of events.
/// </summary>
sealed partial class OperatorLoops(OperatorOptions options, KubernetesClient kubernetes, OperatorHealth health, ILoggerFactory loggers, TimeProvider time)
{
    const string LeaseName = "slotwise";

    /// <summary>How long passes in flight may take to end, the return of the lease included; Kubernetes kills after 30 s.</summary>
    static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(25);

    /// <summary>A pass that did not even end when it was cancelled.</summary>
    static readonly TimeSpan Stuck = RedisClusterController.Options.PassTimeout!.Value * 2;

    static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>Tells this process from all others, also from an earlier one of the same pod.</summary>
    readonly string _identity = $"{Environment.MachineName}_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    readonly ILogger _logger = loggers.CreateLogger("Slotwise.Operator");

    /// <summary>Runs until cancelled, then lets passes in flight end and gives the lease back.</summary>
    /// <exception cref="LeadershipLostException">Somebody else leads.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await WaitForKindAsync(cancellationToken);
        var informers = new ClusterInformers(kubernetes, options.Namespaces, time, Random.Shared, loggers.CreateLogger("Slotwise.Informers"));
        var events = new EventRecorder(kubernetes, "slotwise", _identity, time, loggers.CreateLogger<EventRecorder>());
        await using var redis = new RedisConnectionPool();
        var reconciler = new RedisClusterController(
            informers.Caches,
            new ClusterObserver(informers.Caches, redis, time),
            kubernetes,
            redis,
            new RandomPasswordSource(),
            events,
            time,
            loggers.CreateLogger<RedisClusterController>());
        using var controller = new Controller<RedisCluster>(
            reconciler,
            RedisClusterController.Options,
            time,
            loggers.CreateLogger<Controller<RedisCluster>>());
        informers.Attach(controller);
        health.Running(informers.All, () => FindFault(controller));

        var running = new ControllerHost(informers.All, controller.RunAsync, BuildElector()).RunAsync(cancellationToken);
        using var recording = new CancellationTokenSource();
        var recorder = events.RunAsync(recording.Token);
        try
        {
            await await Task.WhenAny(running, recorder).WaitAsync(cancellationToken);

            // A standby has nothing to finish and may end before this wait notices that it was asked to.
            if (!cancellationToken.IsCancellationRequested)
            {
                throw new InvalidOperationException("a loop ended though nobody asked it to");
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await EndAsync(running);
        }
        finally
        {
            // After the last passes, which still have something to tell.
            await recording.CancelAsync();
            await recorder;
        }
    }

    LeaderElector? BuildElector()
    {
        var lease = new LeaderElectionOptions { Namespace = options.LeaderElectionNamespace, Name = LeaseName, Identity = _identity };
        return options.LeaderElect ? new LeaderElector(kubernetes, lease, time, Random.Shared, loggers.CreateLogger<LeaderElector>()) : null;
    }

    async Task EndAsync(Task running)
    {
        try
        {
            await running.WaitAsync(EndsWithin, time);
        }
        catch (TimeoutException)
        {
            // Every step can be abandoned at any instant; whoever comes next looks at what is there.
            LogAbandoned(_logger, EndsWithin.TotalSeconds);
        }
    }

    static string? FindFault(Controller<RedisCluster> controller) => controller.Queue.Observe().LongestRunning is var longest && longest > Stuck
        ? $"a pass has been running for {(int)longest.TotalSeconds} s"
        : null;

    /// <summary>An operator that is installed a moment before its CRD waits for it, instead of ending again and again.</summary>
    async Task WaitForKindAsync(CancellationToken cancellationToken)
    {
        var ns = options.Namespaces.Count == 0 ? null : options.Namespaces[0];
        for (var pause = FirstRetry; ; pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry)
        {
            try
            {
                await kubernetes.ListAsync<RedisCluster>(ns, new ListOptions { Limit = 1 }, cancellationToken);
                return;
            }
            catch (KubernetesApiException error) when (ErrorText.IsKindUnknown(error))
            {
                health.WaitingFor(ErrorText.NotInstalled);
                LogWaiting(_logger, ErrorText.NotInstalled, pause.TotalSeconds);
            }
            catch (KubernetesUnreachableException error)
            {
                health.WaitingFor(error.Message);
                LogWaiting(_logger, error.Message, pause.TotalSeconds);
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason}; looking again in {Seconds} s")]
    static partial void LogWaiting(ILogger logger, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Passes did not end within {Seconds} s and are abandoned")]
    static partial void LogAbandoned(ILogger logger, double seconds);
}
