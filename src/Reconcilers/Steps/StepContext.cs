using Slotwise.Kubernetes.Api;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>What the steps of one pass act with.</summary>
/// <param name="clusterUid">The cluster that every server must prove to belong to.</param>
/// <param name="kubernetes">The API server.</param>
/// <param name="redis">The Redis nodes.</param>
/// <param name="credentials">Whom to be at the Redis nodes; null while there is no Secret.</param>
/// <param name="replication">Whom servers are to be at each other; null while there is no Secret.</param>
/// <param name="passwords">Where new passwords come from.</param>
/// <param name="time">The clock of steps that end after some time.</param>
public sealed class StepContext(
    string clusterUid,
    IKubernetesApi kubernetes,
    IRedisNodes redis,
    RedisCredentials? credentials,
    RedisCredentials? replication,
    IPasswordSource passwords,
    TimeProvider time)
{
    /// <summary>One question and one answer, and a margin for a busy server.</summary>
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);

    /// <summary>For an address where most often nobody is any more: whoever waits for it waits while clients cannot write.</summary>
    static readonly TimeSpan FindWithin = TimeSpan.FromMilliseconds(300);

    static readonly RedisCommand<RedisInfo> WhoAreYou = ServerCommands.Info("server");

    readonly SortedDictionary<string, Task<string?>> _proofs = new(StringComparer.Ordinal);
    int _timeoutChangers;

    public IKubernetesApi Kubernetes => kubernetes;

    public IPasswordSource Passwords => passwords;

    /// <summary>Whom servers are to be at each other; null while there is no Secret.</summary>
    public RedisCredentials? Replication => replication;

    public TimeProvider Time => time;

    /// <summary>
    /// Whether the caller is the one that may raise cluster-node-timeout in this pass. Of two, one would restore it in the middle of the other's move, and the other
    /// would take the raised value for the one to go back to.
    /// </summary>
    public bool TryClaimNodeTimeouts() => Interlocked.Increment(ref _timeoutChangers) == 1;

    /// <summary>
    /// Sends commands to a server after it proved, on the same connection, that it is the pod's and that the precondition holds.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="precondition">Says why its view of the cluster forbids the commands; null where it allows them.</param>
    /// <param name="commands">What to send.</param>
    /// <param name="cancellationToken">Gives up; what was sent may be carried out all the same.</param>
    /// <returns>The replies, or why nothing was sent.</returns>
    public Task<(IReadOnlyList<RespValue>? Replies, string Reason)> ExecuteAsync(
        ServerReference server,
        Func<ClusterNodesTable, string?> precondition,
        IReadOnlyList<RedisCommand> commands,
        CancellationToken cancellationToken) => ExecuteAsync(server, [], (nodes, _) => precondition(nodes), commands, cancellationToken);

    /// <summary>The same with further questions, on the answers to which the precondition rests as well.</summary>
    public async Task<(IReadOnlyList<RespValue>? Replies, string Reason)> ExecuteAsync(
        ServerReference server,
        IReadOnlyList<RedisCommand> questions,
        Func<ClusterNodesTable, IReadOnlyList<RespValue>, string?> precondition,
        IReadOnlyList<RedisCommand> commands,
        CancellationToken cancellationToken)
    {
        string? reason = null;
        var replies = await redis.Get(server.Endpoint, server.PodUid, credentials).ExecuteIfAsync(
            [WhoAreYou, ClusterCommands.Nodes, .. questions],
            answers =>
            {
                reason = Doubt(server, WhoAreYou.Read(answers[0])) ?? precondition(ClusterCommands.Nodes.Read(answers[1]), [.. answers.Skip(2)]);
                return reason is null;
            },
            commands,
            AnswerWithin,
            cancellationToken);
        return (replies, reason ?? "");
    }

    /// <summary>Opens a connection of its own to a server, which proves on it that it is the pod's. Whoever gets a session closes it.</summary>
    /// <returns>The session, or why there is none.</returns>
    public async Task<(IRedisSession? Session, string Reason)> OpenAsync(ServerReference server, CancellationToken cancellationToken)
    {
        var session = await redis.OpenAsync(server.Endpoint, credentials, AnswerWithin, cancellationToken);
        string? doubt = null;
        try
        {
            var answers = await session.ExecuteAsync([WhoAreYou], AnswerWithin, cancellationToken);
            doubt = Doubt(server, WhoAreYou.Read(answers[0]));
            return doubt is null ? (session, "") : (null, doubt);
        }
        catch (RedisException e)
        {
            doubt = e.Message;
            throw;
        }
        finally
        {
            if (doubt is not null)
            {
                await session.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Has a server prove that it is the pod's, at most once in a pass; null when it did, else why not. A pass's steps take
    /// milliseconds, and an address does not change hands without its connection breaking.
    /// </summary>
    public Task<string?> DoubtAsync(ServerReference server, CancellationToken cancellationToken)
    {
        if (!_proofs.TryGetValue(server.PodUid, out var proof))
        {
            proof = AskAsync();
            _proofs[server.PodUid] = proof;
        }

        return proof;

        async Task<string?> AskAsync()
        {
            try
            {
                var node = redis.Get(server.Endpoint, server.PodUid, credentials);
                return Doubt(server, await node.ExecuteAsync(WhoAreYou, AnswerWithin, cancellationToken));
            }
            catch (Exception e) when (e is RedisConnectionException or RedisServerException)
            {
                return e.Message;
            }
        }
    }

    /// <summary>
    /// Whether a node answers at an address where it may be: what it says, for people; null if nobody does or somebody else. One that cannot say yet who it is, as it
    /// loads, may be it.
    /// </summary>
    public async Task<string?> FindAsync(RedisEndpoint endpoint, NodeId node, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await redis.OpenAsync(endpoint, credentials, FindWithin, cancellationToken);
            var reply = (await session.ExecuteAsync([ClusterCommands.MyId], FindWithin, cancellationToken))[0];
            return reply.IsError ? $"a server at {endpoint} answers {reply.ErrorText}"
                : ClusterCommands.MyId.Read(reply) == node ? $"{endpoint} answers as node {node} again"
                : null;
        }
        catch (RedisException)
        {
            return null;
        }
    }

    string? Doubt(ServerReference server, RedisInfo info) =>
        !ServerIdentity.TryRead(info, out var identity, out var reason) ? reason
        : identity != new ServerIdentity(clusterUid, server.PodUid) ? $"{server.Endpoint} is no longer {server.Pod}"
        : null;
}
