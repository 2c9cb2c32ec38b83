using System.Collections.Concurrent;

namespace Slotwise.Redis;

/// <summary>
/// Sends each command to the node that serves its key, which is its first argument, and follows the cluster when slots or masters move.
/// </summary>
/// <remarks>
/// Batches go to all nodes at the same time; commands of one batch may be carried out in any order. What a node refuses because a slot moves or the
/// cluster is down is repeated until <see cref="RedisClusterClientOptions.Timeout"/>; what may have been carried out is not.
/// </remarks>
public sealed class RedisClusterClient : IAsyncDisposable
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);
    static readonly RedisCommand Asking = new("ASKING");
    static readonly RedisCommand ClusterSlots = new("CLUSTER", "SLOTS");

    readonly RedisClusterClientOptions _options;
    readonly RedisCredentials? _credentials;
    readonly RedisConnectionPool _pool;
    readonly ConcurrentDictionary<RedisEndpoint, ClientNode> _nodes = new();
    readonly SemaphoreSlim _refreshing = new(1);
    readonly ClientNode[] _seeds;
    SlotMap _map = new();

    RedisClusterClient(IReadOnlyList<RedisEndpoint> seeds, RedisCredentials? credentials, RedisClusterClientOptions options)
    {
        _options = options;
        _credentials = credentials;
        _pool = new RedisConnectionPool(options.Connection);
        _seeds = [.. seeds.Select(NodeAt)];
    }

    TimeProvider Time => _options.Connection.TimeProvider;

    /// <summary>Learns from the first seed that answers which node serves which slots.</summary>
    /// <exception cref="RedisConnectionException">No seed could be reached.</exception>
    /// <exception cref="RedisServerException">No seed is willing to answer.</exception>
    public static async Task<RedisClusterClient> ConnectAsync(
        IReadOnlyList<RedisEndpoint> seeds,
        RedisCredentials? credentials = null,
        RedisClusterClientOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentOutOfRangeException.ThrowIfZero(seeds.Count);
        var client = new RedisClusterClient(seeds, credentials, options ?? RedisClusterClientOptions.Default);
        try
        {
            return await client.RefreshAsync(client._map, cancellationToken) is { } failure ? throw failure : client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends one command.</summary>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    /// <exception cref="RedisConnectionException">A node could not be reached in time, or the connection broke.</exception>
    public async Task<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default) =>
        (await ExecuteAsync([command], cancellationToken))[0].ThrowIfError();

    /// <summary>Sends a batch, and returns one reply per command in the order of the commands; an error of a server is a reply like any other.</summary>
    /// <exception cref="RedisConnectionException">A node could not be reached in time, or a connection broke: any of the commands may have been carried out.</exception>
    public async Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var replies = new RespValue[commands.Count];
        var start = Time.GetTimestamp();
        var pending = Enumerable.Range(0, commands.Count).Select(index => new Request(index, SlotOf(commands[index]))).ToList();
        for (var pause = TimeSpan.Zero; pending.Count > 0; pause = NextPause(pause))
        {
            // the first redirection is followed at once; whoever is redirected again meets a change that takes its time
            await Task.Delay(pause, Time, cancellationToken);
            var map = _map;
            var outcomes = await Task.WhenAll(Batches(pending, map).Select(batch => SendAsync(batch, commands, replies, cancellationToken)));
            pending = [.. outcomes.SelectMany(outcome => outcome.Again)];
            if (pending.Count == 0)
            {
                break;
            }

            var isTimeUp = Time.GetElapsedTime(start) + pause >= _options.Timeout;
            if (isTimeUp)
            {
                return outcomes.FirstOrDefault(outcome => outcome.Failure is not null)?.Failure is { } failure ? throw failure : replies;
            }

            if (outcomes.Any(outcome => outcome.IsMapStale))
            {
                // where nobody answers, the next round fails too, and the time runs out
                await RefreshAsync(map, cancellationToken);
            }
        }

        return replies;
    }

    /// <summary>Closes all connections.</summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    static TimeSpan NextPause(TimeSpan pause) => pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;

    // a command without a key is for any node
    static int SlotOf(RedisCommand command) => command.Arguments.Length > 1 ? SlotHash.Of(command.Arguments[1].Span) : 0;

    IEnumerable<Batch> Batches(List<Request> requests, SlotMap map) => requests
        .GroupBy(request => (Node: request.AskAt ?? map[request.Slot] ?? _seeds[0], IsAsk: request.AskAt is not null))
        .SelectMany(group => group.Chunk(_options.MaxBatch).Select(chunk => new Batch(group.Key.Node, group.Key.IsAsk, chunk)));

    async Task<Outcome> SendAsync(Batch batch, IReadOnlyList<RedisCommand> commands, RespValue[] replies, CancellationToken cancellationToken)
    {
        var sent = new List<RedisCommand>(batch.Requests.Length * (batch.IsAsk ? 2 : 1));
        foreach (var request in batch.Requests)
        {
            if (batch.IsAsk)
            {
                sent.Add(Asking);
            }

            sent.Add(commands[request.Index]);
        }

        IReadOnlyList<RespValue> answers;
        try
        {
            answers = await batch.Node.NextConnection().ExecuteAsync(sent, _options.Connection.CommandTimeout, cancellationToken);
        }
        catch (RedisConnectionException e) when (!e.MayHaveBeenCarriedOut && e is not RedisAuthenticationException)
        {
            return new Outcome([.. batch.Requests.Select(request => request with { AskAt = null })], IsMapStale: true, e);
        }

        return Sort(batch, answers, replies);
    }

    Outcome Sort(Batch batch, IReadOnlyList<RespValue> answers, RespValue[] replies)
    {
        List<Request> again = [];
        var isMapStale = false;
        for (var i = 0; i < batch.Requests.Length; i++)
        {
            var request = batch.Requests[i];
            var answer = answers[batch.IsAsk ? (i * 2) + 1 : i];
            replies[request.Index] = answer;
            if (!answer.IsError || !Redirection.TryParse(answer, out var redirection))
            {
                continue;
            }

            var node = redirection.Target is { } target ? NodeAt(target.Host.Length > 0 ? target : target with { Host = batch.Node.Endpoint.Host }) : null;
            again.Add(request with { AskAt = redirection.IsAsk ? node : null });
            isMapStale |= !redirection.IsAsk;
            if (node is not null && !redirection.IsAsk)
            {
                _map[request.Slot] = node;
            }
        }

        return new Outcome(again, isMapStale, null);
    }

    /// <summary>Asks the nodes in turn for the map, unless somebody else has replaced <paramref name="stale"/> meanwhile.</summary>
    /// <returns>Why no node answered, or null.</returns>
    async Task<RedisException?> RefreshAsync(SlotMap stale, CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            RedisException? failure = null;
            foreach (var node in stale.Nodes.Concat(_seeds).Distinct())
            {
                if (!ReferenceEquals(_map, stale))
                {
                    return null;
                }

                try
                {
                    var answers = await node.NextConnection().ExecuteAsync([ClusterSlots], _options.Connection.CommandTimeout, cancellationToken);
                    var map = SlotMap.Read(answers[0], node.Endpoint, NodeAt);

                    // a node that left the cluster answers too, but knows nothing any more
                    if (map.Nodes.Any())
                    {
                        _map = map;
                        return null;
                    }
                }
                catch (RedisException e)
                {
                    failure = e;
                }
            }

            return failure;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    ClientNode NodeAt(RedisEndpoint endpoint) =>
        _nodes.GetOrAdd(endpoint, address => new ClientNode(address, _pool, _credentials, _options.ConnectionsPerNode));

    /// <summary>A command that has no final answer yet.</summary>
    readonly record struct Request(int Index, int Slot, ClientNode? AskAt = null);

    sealed record Batch(ClientNode Node, bool IsAsk, Request[] Requests);

    /// <param name="Again">What has to be sent again.</param>
    /// <param name="IsMapStale">The map is known to be wrong.</param>
    /// <param name="Failure">Why nothing was sent.</param>
    sealed record Outcome(IReadOnlyList<Request> Again, bool IsMapStale, RedisConnectionException? Failure);
}
