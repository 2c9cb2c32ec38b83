using System.Globalization;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Has a replica become master in place of one that is gone or lost its keys. What is noted first keeps the next attempt from coming too soon. Right before,
/// the address of the master is asked once more: who answers there with its id was restarted and is not gone.
/// </summary>
/// <param name="Candidate">The replica.</param>
/// <param name="MasterId">The node id of its master.</param>
/// <param name="MasterName">Its pod, for people.</param>
/// <param name="Set">The shard's StatefulSet.</param>
/// <param name="History">What to note on it.</param>
/// <param name="Mode">By votes or, under proof alone, without.</param>
public sealed record PromoteReplica(Party Candidate, NodeId MasterId, string MasterName, StatefulSetReference Set, FailoverHistory History, FailoverMode Mode) : IStep
{
    static readonly RedisCommand<RedisInfo> Info = ServerCommands.Info("replication", "keyspace");
    static readonly RedisCommand<RedisInfo> Keys = ServerCommands.Info("keyspace");

    /// <summary>The master, if it answers: without its keys, which its replica must be asked about then.</summary>
    public Party? Returned { get; init; }

    /// <summary>Where the master ran, for the proof that it ended.</summary>
    public NodeTrace? Trace { get; init; }

    /// <summary>By now a process has ended whose pod was gone before this time on a host that reports since before it.</summary>
    public DateTimeOffset EndsBefore { get; init; }

    /// <summary>Where it would answer if it were back.</summary>
    public IReadOnlyList<RedisEndpoint> Addresses { get; init; } = [];

    /// <summary>How many requests for votes the candidate had sent when this was decided; null where that does not matter.</summary>
    public long? VoteRequests { get; init; }

    /// <summary>
    /// Whether the master is being started on its volume. Then a replica that lacks what the master had told others of is not promoted over it: its connection may have stood
    /// still for long, behind a cut, and still have broken only when the master ended.
    /// </summary>
    public bool MayReturn { get; init; }

    /// <summary>What is known of its end, for people.</summary>
    public required string Fate { get; init; }

    public IReadOnlyList<ServerReference> Servers => Returned is null ? [Candidate.Server] : [Candidate.Server, Returned.Server];

    public int Stage => Stages.Redis;

    public string Description => $"promote {Candidate} in place of {MasterName}";

    RedisCommand[] Questions => MayReturn ? [Info, ClusterCommands.Info, ClusterCommands.Offsets] : [Info, ClusterCommands.Info];

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (await FindDoubtAsync(context, cancellationToken) is { } early)
        {
            return StepOutcome.Skipped(early);
        }

        var noted = await History.NoteAsync(Set, $"note on StatefulSet {Set} that {Candidate} is to replace {MasterName}", context, cancellationToken);
        if (noted.Result != StepResult.Done)
        {
            return noted;
        }

        // The note may have taken its time.
        if (await FindReturnAsync(context, cancellationToken) is { } late)
        {
            return StepOutcome.Skipped(late);
        }

        var (replies, doubt) = await context.ExecuteAsync(Candidate.Server, Questions, Forbid, [ClusterCommands.Failover(Mode)], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        var without = Mode == FailoverMode.Takeover ? " without votes, as they are not to be had" : "";
        return replies[0].IsError
            ? StepOutcome.Failed($"{Candidate} was not promoted: {replies[0].ErrorText}")
            : StepOutcome.Done("Promoted", $"asked {Candidate} to replace {MasterName}{without}: {Fate}");
    }

    async Task<string?> FindDoubtAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (Mode == FailoverMode.Takeover && Trace is not null && await DoubtProofAsync(context.Kubernetes, Trace, cancellationToken) is { } unproven)
        {
            return unproven;
        }

        if (await FindReturnAsync(context, cancellationToken) is { } back)
        {
            return back;
        }

        var (ready, reason) = await context.ExecuteAsync(Candidate.Server, Questions, Forbid, [ServerCommands.Ping], cancellationToken);
        return ready is null ? reason : null;
    }

    /// <summary>The proof once more, from what the API server says now: the caches may be behind.</summary>
    async Task<string?> DoubtProofAsync(IKubernetesApi kubernetes, NodeTrace trace, CancellationToken cancellationToken)
    {
        var pod = await LiveObjects.FindAsync<V1Pod>(kubernetes, new V1ObjectMeta { Name = trace.Pod, NamespaceProperty = Set.Namespace }, cancellationToken);
        var present = pod is null ? null : new PodObservation(pod, Shard: 0, Ordinal: 0, Server: null, Silence: null);
        var name = present is not null && trace.IsIn(present) ? present.Host : trace.Host;
        var host = string.IsNullOrEmpty(name) ? null : await LiveObjects.FindAsync<V1Node>(kubernetes, new V1ObjectMeta { Name = name }, cancellationToken);
        var fate = NodeFate.Judge(trace, present, _ => host is null ? null : HostObservation.Of(host), EndsBefore);
        return fate.End == ProcessEnd.Proven ? null : $"that {MasterName} ended is not proven any more: {fate.Words}";
    }

    /// <summary>Whether the master is there again, or has keys again.</summary>
    async Task<string?> FindReturnAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (Returned is not null)
        {
            var (replies, reason) = await context.ExecuteAsync(Returned.Server, _ => null, [Keys], cancellationToken);
            return replies is null ? reason
                : Keys.Read(replies[0]).KeysByDatabase.Count > 0 ? $"{MasterName} has keys again"
                : null;
        }

        var answers = await Task.WhenAll(Addresses.Select(address => context.FindAsync(address, MasterId, cancellationToken)));
        return answers.FirstOrDefault(answer => answer is not null);
    }

    string? Forbid(ClusterNodesTable nodes, IReadOnlyList<RespValue> answers)
    {
        var info = Info.Read(answers[0]);
        return nodes.Myself is not { } myself || myself.Id != Candidate.Id || myself.MasterId != MasterId ? $"{Candidate} no longer follows {MasterName}"
            : ClusterCommands.Info.Read(answers[1]).VoteRequestsSent > VoteRequests ? $"{Candidate} has asked for votes by itself meanwhile"
            : MayReturn && FindLack(ClusterCommands.Offsets.Read(answers[2])) is { } lack ? lack
            : Returned is null ? FindReturn(nodes, info)
            : info.KeysByDatabase.Count == 0 ? $"{Candidate} holds no keys any more"
            : info is { IsMasterLinkUp: true, IsMasterSyncInProgress: false } ? $"{Candidate} is a copy of {MasterName} by now"
            : null;
    }

    string? FindLack(IReadOnlyDictionary<NodeId, long> offsets) =>
        offsets.GetValueOrDefault(MasterId) - offsets.GetValueOrDefault(Candidate.Id) is > 0 and var bytes
            ? string.Create(CultureInfo.InvariantCulture, $"{Candidate} lacks the last {bytes} bytes that {MasterName} wrote, which is being started on its volume")
            : null;

    /// <summary>
    /// Whether the candidate has heard from its master again, which came back at an address that nobody could ask when the observation was made: that takes a
    /// second and a half while any server is silent.
    /// </summary>
    string? FindReturn(ClusterNodesTable nodes, RedisInfo info) =>
        info.IsMasterSyncInProgress ? $"{Candidate} is copying {MasterName}, which is back"
        : nodes.Find(MasterId) is { Ip.Length: > 0 } master && !Addresses.Any(address => address.Host == master.Ip) ? $"{MasterName} is back at {master.Ip}"
        : null;
}
