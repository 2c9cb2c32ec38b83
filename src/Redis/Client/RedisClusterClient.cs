namespace Slotwise.Redis;

/// <summary>
/// Sends each command to the node that serves its key, and follows the cluster when slots, masters or addresses change.
/// </summary>
/// <remarks>
/// Batches go to all nodes at the same time; commands of one batch may be carried out in any order. What a node refuses because a slot moves or the
/// cluster is down is repeated, with growing pauses, until <see cref="RedisClusterClientOptions.Timeout"/>; what may have been carried out is
/// repeated only where the caller says that it may be (<see cref="RedisCallOptions.IsIdempotent"/>). Of a command with several keys the first decides
/// where it goes.
/// </remarks>
public sealed class RedisClusterClient : IAsyncDisposable
{
    /// <summary>How often in a row a redirection is followed without a pause.</summary>
    const int MaxHaste = 2;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);
    static readonly RedisCommand Asking = new("ASKING");
    static readonly RedisCommand ClusterSlots = new("CLUSTER", "SLOTS");

    readonly RedisClusterClientOptions _options;
    readonly RedisEndpoint[] _seeds;
    readonly SlotMapSource _map;
    readonly long[] _refusals = new long[Enum.GetValues<RedirectionKind>().Length];
    uint _nextReplica;
    long _unreached;

    RedisClusterClient(IReadOnlyList<RedisEndpoint> seeds, RedisCredentials? credentials, RedisClusterClientOptions options)
    {
        _options = options;
        _seeds = [.. seeds];
        Connections = new ClientConnectionPool(options, credentials);
        _map = new SlotMapSource(_seeds, options.FindSeedsAsync, AskForSlotsAsync, options.Connection.TimeProvider);
    }

    /// <summary>What was met so far.</summary>
    public ClusterClientCounts Counts => new(
        Refused(RedirectionKind.Moved),
        Refused(RedirectionKind.Ask),
        Refused(RedirectionKind.TryAgain),
        Refused(RedirectionKind.NotServing),
        Interlocked.Read(ref _unreached),
        _map.Refreshes,
        Connections.Opened);

    /// <summary>The masters that are known to serve slots, at the addresses that they announce.</summary>
    public IReadOnlyList<RedisEndpoint> Masters => [.. _map.Current.Masters];

    internal ClientConnectionPool Connections { get; }

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
            return await client._map.RefreshAsync(client._map.Current, null, [], cancellationToken) is { } failure ? throw failure : client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>The master that is known to serve the slot, at the address that it announces; null if none is known.</summary>
    public RedisEndpoint? MasterOf(int slot) => _map.Current[slot]?.Master;

    /// <summary>Sends one command.</summary>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    /// <exception cref="RedisConnectionException">A node could not be reached in time, or the connection broke.</exception>
    public Task<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default) =>
        ExecuteAsync(command, RedisCallOptions.Default, cancellationToken);

    /// <summary>Sends one command, as the options allow.</summary>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    /// <exception cref="RedisConnectionException">A node could not be reached in time, or the connection broke.</exception>
    public async Task<RespValue> ExecuteAsync(RedisCommand command, RedisCallOptions options, CancellationToken cancellationToken = default) =>
        (await ExecuteAsync([command], options, cancellationToken))[0].ThrowIfError();

    /// <summary>Sends one command, as the options allow.</summary>
    /// <returns>The reply, and the node that gave it, at the address that it announces.</returns>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    /// <exception cref="RedisConnectionException">A node could not be reached in time, or the connection broke.</exception>
    public async Task<(RespValue Reply, RedisEndpoint Server)> AskAsync(RedisCommand command, RedisCallOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var call = new Call([command], options);
        await CarryOutAsync(call, cancellationToken);
        return (call.Replies[0].ThrowIfError(), call.Servers[0]);
    }

    /// <summary>Sends a batch, and returns one reply per command in the order of the commands; an error of a server is a reply like any other.</summary>
    /// <exception cref="RedisConnectionException">A node could not be reached in time, or a connection broke: any of the commands may have been carried out.</exception>
    public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken = default) =>
        ExecuteAsync(commands, RedisCallOptions.Default, cancellationToken);

    /// <summary>Sends a batch, as the options allow; an error of a server is a reply like any other.</summary>
    /// <exception cref="RedisConnectionException">A node could not be reached in time, or a connection broke: any of the commands may have been carried out.</exception>
    public async Task<IReadOnlyList<RespValue>> ExecuteAsync(
        IReadOnlyList<RedisCommand> commands,
        RedisCallOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        ArgumentNullException.ThrowIfNull(options);
        var call = new Call(commands, options);
        await CarryOutAsync(call, cancellationToken);
        return call.Replies;
    }

    /// <summary>Listens to channels of shards (SSUBSCRIBE), wherever their slots go, until it is disposed of.</summary>
    /// <remarks>Delivery is at most once: what is published while a slot changes hands or a connection is replaced is not received.</remarks>
    public ShardSubscription Subscribe(IReadOnlyList<string> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        return new ShardSubscription(Connections, _map, _seeds[0], _options, channels);
    }

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _map.DisposeAsync();
        await Connections.DisposeAsync();
    }

    internal static TimeSpan NextPause(TimeSpan pause) =>
        pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;

    /// <summary>Clients that were refused together shall not come back together.</summary>
    internal static TimeSpan Jitter(TimeSpan pause) => pause * (0.5 + (Random.Shared.NextDouble() / 2));

    async Task CarryOutAsync(Call call, CancellationToken cancellationToken)
    {
        var start = Time.GetTimestamp();
        var pending = call.Commands.Select((command, index) => new Request(index, CommandKey.SlotOf(command))).ToList();
        var pause = TimeSpan.Zero;
        for (var round = 1; pending.Count > 0; round++)
        {
            await Task.Delay(Jitter(pause), Time, cancellationToken);
            var map = _map.Current;
            var outcomes = await Task.WhenAll(Batches(pending, map, call.Options).Select(batch => SendAsync(batch, call, map, cancellationToken)));
            pending = [.. outcomes.SelectMany(outcome => outcome.Again)];
            if (pending.Count == 0)
            {
                break;
            }

            // a redirection is followed at once, MOVED and then ASK too; whoever is redirected again meets a change that takes its time
            pause = round <= MaxHaste && outcomes.All(outcome => outcome.IsRedirected) ? TimeSpan.Zero : NextPause(pause);
            var isTimeUp = Time.GetElapsedTime(start) + pause >= _options.Timeout;
            if (isTimeUp)
            {
                if (outcomes.FirstOrDefault(outcome => outcome.Failure is not null)?.Failure is { } failure)
                {
                    throw failure;
                }

                return;
            }

            if (outcomes.Any(outcome => outcome.IsMapWrong))
            {
                // where nobody answers, the next round fails too, and the time runs out
                RedisEndpoint[] unreached = [.. outcomes.Select(outcome => outcome.Unreached).OfType<RedisEndpoint>()];
                await _map.RefreshAsync(map, null, unreached, cancellationToken);
            }
        }
    }

    long Refused(RedirectionKind kind) => Interlocked.Read(ref _refusals[(int)kind]);

    IEnumerable<Batch> Batches(List<Request> requests, SlotMap map, RedisCallOptions options) => requests
        .GroupBy(request => Route(request, map, options))
        .SelectMany(group => group.Chunk(_options.MaxBatch).Select(chunk => new Batch(group.Key, chunk)));

    Destination Route(Request request, SlotMap map, RedisCallOptions options)
    {
        if (request.AskAt is { } asked)
        {
            return new Destination(asked, IsAsk: true, IsReplica: false);
        }

        var owner = request.Slot is { } slot ? map[slot] : null;
        if (options.ReadFrom == ReadFrom.Replica && !request.OnlyMaster && owner is { Replicas.Count: > 0 and var count })
        {
            return new Destination(owner.Replicas[(int)(Interlocked.Increment(ref _nextReplica) % (uint)count)], IsAsk: false, IsReplica: true);
        }

        // a command without a key is for any node
        return new Destination(owner?.Master ?? map.Masters.FirstOrDefault(_seeds[0]), IsAsk: false, IsReplica: false);
    }

    async Task<Outcome> SendAsync(Batch batch, Call call, SlotMap map, CancellationToken cancellationToken)
    {
        var (endpoint, isAsk, isReplica) = batch.Destination;
        List<RedisCommand> sent = [];
        foreach (var request in batch.Requests)
        {
            if (isAsk)
            {
                sent.Add(Asking);
            }

            sent.Add(call.Commands[request.Index]);
        }

        try
        {
            var connection = await Connections.RentAsync(endpoint, cancellationToken);
            try
            {
                var answers = await connection.ExecuteAsync(sent, isReplica, _options.Connection.CommandTimeout, cancellationToken);
                return Sort(batch, answers, call, map);
            }
            finally
            {
                Connections.Return(connection);
            }
        }
        catch (RedisConnectionException e) when ((!e.MayHaveBeenCarriedOut || call.Options.IsIdempotent) && e is not (RedisAuthenticationException or RedisBusyException))
        {
            Interlocked.Increment(ref _unreached);

            // a replica that is gone is no reason to wait for a new map: the master is there
            return new Outcome([.. batch.Requests.Select(request => request with { AskAt = null, OnlyMaster = true })], IsMapWrong: !isReplica, e, endpoint);
        }
    }

    Outcome Sort(Batch batch, IReadOnlyList<RespValue> answers, Call call, SlotMap map)
    {
        var (endpoint, isAsk, isReplica) = batch.Destination;
        List<Request> again = [];
        var isMapWrong = false;
        var isRedirected = true;
        for (var i = 0; i < batch.Requests.Length; i++)
        {
            var request = batch.Requests[i];
            var answer = answers[isAsk ? (i * 2) + 1 : i];
            call.Replies[request.Index] = answer;
            call.Servers[request.Index] = endpoint;
            if (!answer.IsError || !Redirection.TryParse(answer, out var redirection))
            {
                continue;
            }

            Interlocked.Increment(ref _refusals[(int)redirection.Kind]);
            var target = redirection.TargetSeenFrom(endpoint);
            again.Add(request with { AskAt = redirection.Kind == RedirectionKind.Ask ? target : null, OnlyMaster = true });
            isRedirected &= target is not null;
            isMapWrong |= redirection.Kind == RedirectionKind.NotServing && !isReplica;
            if (redirection.Kind == RedirectionKind.Moved && target is { } master && request.Slot is { } slot)
            {
                map.Move(slot, master);
                _map.RefreshSoon(map, master);
            }
        }

        return new Outcome(again, isMapWrong) { IsRedirected = isRedirected };
    }

    async Task<RespValue> AskForSlotsAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        var connection = await Connections.RentAsync(endpoint, cancellationToken);
        try
        {
            return (await connection.ExecuteAsync([ClusterSlots], readOnly: false, _options.Connection.CommandTimeout, cancellationToken))[0];
        }
        finally
        {
            Connections.Return(connection);
        }
    }

    sealed record Call(IReadOnlyList<RedisCommand> Commands, RedisCallOptions Options)
    {
        public RespValue[] Replies { get; } = new RespValue[Commands.Count];

        /// <summary>Who gave the reply.</summary>
        public RedisEndpoint[] Servers { get; } = new RedisEndpoint[Commands.Count];
    }

    /// <summary>A command that has no final answer yet.</summary>
    /// <param name="Index">Its place in the call.</param>
    /// <param name="Slot">Of its key, if it has one.</param>
    /// <param name="AskAt">Where to try it once, after ASKING.</param>
    /// <param name="OnlyMaster">A replica would not, or could not, answer.</param>
    readonly record struct Request(int Index, int? Slot, RedisEndpoint? AskAt = null, bool OnlyMaster = false);

    readonly record struct Destination(RedisEndpoint Endpoint, bool IsAsk, bool IsReplica);

    sealed record Batch(Destination Destination, Request[] Requests);

    /// <param name="Again">What has to be sent again.</param>
    /// <param name="IsMapWrong">The map does not say where it belongs.</param>
    /// <param name="Failure">Why nothing was answered.</param>
    /// <param name="Unreached">Who did not answer.</param>
    sealed record Outcome(IReadOnlyList<Request> Again, bool IsMapWrong, RedisConnectionException? Failure = null, RedisEndpoint? Unreached = null)
    {
        /// <summary>For all that has to be sent again it is known where.</summary>
        public bool IsRedirected { get; init; }
    }
}
