using Microsoft.Extensions.Logging;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Events;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Status;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers;

/// <summary>One pass over one RedisCluster: observe, plan, act, report. It remembers nothing between passes.</summary>
/// <param name="plan">Decides; <see cref="ClusterPlanner.Plan"/>, or in a simulation one with a fault that has to be found.</param>
public sealed partial class RedisClusterController(
    ClusterCaches caches,
    ClusterObserver observer,
    IKubernetesApi kubernetes,
    IRedisNodes redis,
    IPasswordSource passwords,
    IEventRecorder events,
    TimeProvider time,
    ILogger<RedisClusterController> logger,
    Func<ClusterObservation, Plan>? plan = null) : IEntityController<RedisCluster>
{
    /// <summary>
    /// How passes are run. Many at a time, as one mostly waits, for servers and for the API; one that takes longer than its bounded parts together hangs; and what
    /// is gathered is seen sooner than a human would notice.
    /// </summary>
    public static ControllerOptions Options { get; } = new() { Workers = 32, PassTimeout = TimeSpan.FromSeconds(60), Gather = TimeSpan.FromMilliseconds(50) };

    readonly Func<ClusterObservation, Plan> _plan = plan ?? ClusterPlanner.Plan;

    /// <summary>After a pass that changed servers: what it brought about is looked at at once.</summary>
    static readonly TimeSpan AfterChange = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// After a pass that wrote objects only: of that the caches hear, and have it looked at. Sooner, with a cache that is seconds behind, the same would be written a hundred times a
    /// second, to an API server that is slow already.
    /// </summary>
    static readonly TimeSpan AfterWrite = TimeSpan.FromSeconds(1);

    /// <summary>After a step that failed, as fast as a human would not notice and a struggling server would not mind.</summary>
    static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>A settled cluster is looked at again because Redis changes without telling Kubernetes.</summary>
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        // Everything that a deleted cluster owned goes with it by its owner references; nothing is left to be done here.
        if (caches.Clusters.Get(key) is not { Metadata.DeletionTimestamp: null } cluster)
        {
            return new ReconcileResult(RequeueAfter: null);
        }

        var observation = await observer.ObserveAsync(cluster, cancellationToken);
        var plan = _plan(observation);
        var outcomes = await StepExecutor.ExecuteAsync(plan.Steps, NewContext(observation), cancellationToken);
        AnnounceStarts(observation);
        Announce(cluster, outcomes);
        await ReportAsync(observation, plan, outcomes, cancellationToken);
        return new ReconcileResult(LookAgain(key, plan, outcomes));
    }

    static TimeSpan LookAgain(NamespacedName key, Plan plan, IReadOnlyList<(IStep Step, StepOutcome Outcome)> outcomes)
    {
        if (plan.IsSettled)
        {
            // Spread by key, so that a thousand clusters that became known at the same moment are not looked at at the same moment for ever.
            return Settled + (Settled / 10 * (ClusterPorts.Bus(key) % 100 / 100.0));
        }

        var waits = plan.Waits.Select(wait => wait.LookAgain);
        var steps = outcomes.Select(outcome => outcome.Outcome.Result switch
        {
            StepResult.Done => outcome.Step.Servers.Count > 0 ? AfterChange : AfterWrite,
            StepResult.Refused => Settled,
            _ => AfterFailure,
        });
        return waits.Concat(steps).Append(Settled).Min();
    }

    StepContext NewContext(ClusterObservation observation)
    {
        var name = ClusterNames.CredentialsSecret(observation.Key.Name);
        var secret = observation.Objects.Secrets.FirstOrDefault(candidate =>
            candidate.Metadata.Name == name && candidate.Metadata.IsControlledBy(observation.Cluster.Metadata.Uid));
        return new StepContext(
            observation.Cluster.Metadata.Uid!,
            kubernetes,
            redis,
            Credentials.ForOperator(secret),
            Credentials.ForReplication(secret),
            passwords,
            time);
    }

    /// <summary>Says what the gates of servers decided; once for each of them, as the recorder does not tell the same again so soon.</summary>
    void AnnounceStarts(ClusterObservation observation)
    {
        foreach (var (type, reason, note) in StartReport.Of(observation))
        {
            events.Record(observation.Cluster, type, reason, "Start", note);
        }
    }

    /// <summary>Says what was changed: in the log, and as events that <c>kubectl describe</c> shows.</summary>
    void Announce(RedisCluster cluster, IReadOnlyList<(IStep Step, StepOutcome Outcome)> outcomes)
    {
        foreach (var (_, outcome) in outcomes)
        {
            switch (outcome.Result)
            {
                case StepResult.Done when outcome.Event is { } reason:
                    LogChange(outcome.Message);
                    events.Record(cluster, outcome.IsWarning ? EventType.Warning : EventType.Normal, reason, reason, outcome.Message);
                    break;
                case StepResult.Refused:
                    LogRefusal(outcome.Message);
                    events.Record(cluster, EventType.Warning, outcome.Event ?? "Refused", "Reconcile", outcome.Message);
                    break;
                default:
                    LogDetail(outcome.Message);
                    break;
            }
        }
    }

    async Task ReportAsync(
        ClusterObservation observation,
        Plan plan,
        IReadOnlyList<(IStep Step, StepOutcome Outcome)> outcomes,
        CancellationToken cancellationToken)
    {
        var cluster = observation.Cluster;
        var status = StatusBuilder.Build(new ClusterView(observation), plan, outcomes);
        if (StatusReport.IsSame(cluster.Status, status))
        {
            return;
        }

        await kubernetes.ApplyAsync(
            StatusReport.Build(cluster, status),
            new ApplyOptions { FieldManager = RedisClusterLabels.FieldManager, Subresource = "status" },
            cancellationToken);
        foreach (var (type, reason, note) in StatusReport.Transitions(cluster.Status, status))
        {
            LogTransition(note);
            events.Record(cluster, type, reason, "Report", note);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Change}")]
    partial void LogChange(string change);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Refusal}")]
    partial void LogRefusal(string refusal);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Detail}")]
    partial void LogDetail(string detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Transition}")]
    partial void LogTransition(string transition);
}
