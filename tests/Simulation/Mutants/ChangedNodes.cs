using System.Globalization;
using System.Text;
using Slotwise.Redis;

namespace Slotwise.Simulation.Mutants;

/// <summary>The way to the servers with one thing wrong.</summary>
sealed class ChangedNodes(IRedisNodes inner) : IRedisNodes
{
    const string State = "cluster_state:fail";
    const string Link = "master_link_status:down";
    const string Known = "connected_slaves:";

    readonly List<Session> _sessions = [];
    readonly SortedSet<int> _failed = [];

    public bool SkipsChecks { get; init; }

    public bool TakesAllForServing { get; init; }

    public bool TakesAllForLinked { get; init; }

    public bool TellsSourceFirst { get; init; }

    public bool IgnoresFailedMigrations { get; init; }

    public IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials) => new Node(this, inner.Get(endpoint, key, credentials), key);

    public async Task<IRedisSession> OpenAsync(RedisEndpoint endpoint, RedisCredentials? credentials, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var session = new Session(this, await inner.OpenAsync(endpoint, credentials, timeout, cancellationToken));
        _sessions.Add(session);
        return session;
    }

    public void Forget(string key) => inner.Forget(key);

    static RespValue Replace(RespValue reply, string what, string with) =>
        reply.AsText() is { } text && text.Contains(what, StringComparison.Ordinal) ? RespValue.Text(text.Replace(what, with, StringComparison.Ordinal)) : reply;

    static int SlotOf(RedisCommand command) => int.Parse(command.ArgumentText(2), CultureInfo.InvariantCulture);

    static bool SetsSlot(RedisCommand command, string state) => command.Name == "CLUSTER SETSLOT" && command.ArgumentText(3) == state;

    /// <summary>What is heard.</summary>
    RespValue[] Change(IReadOnlyList<RedisCommand> commands, IReadOnlyList<RespValue> replies, string? key)
    {
        var changed = replies.ToArray();
        for (var index = 0; index < changed.Length; index++)
        {
            changed[index] = commands[index].Name switch
            {
                "CLUSTER INFO" when TakesAllForServing => Replace(changed[index], State, "cluster_state:ok"),
                "INFO" when TakesAllForLinked => Replace(Replace(changed[index], Link, "master_link_status:up"), Known, Known + "1"),
                "MIGRATE" when IgnoresFailedMigrations && changed[index].IsError => Ignore(commands[index]),
                "CLUSTER COUNTKEYSINSLOT" when _failed.Contains(SlotOf(commands[index])) => RespValue.Integer(0),
                "CLUSTER GETKEYSINSLOT" when _failed.Contains(SlotOf(commands[index])) => RespValue.Array(),
                _ => changed[index],
            };
        }

        return changed;
    }

    RespValue Ignore(RedisCommand migrate)
    {
        for (var index = migrate.Arguments.Length - 1; index > 0 && migrate.ArgumentText(index) != "KEYS"; index--)
        {
            _failed.Add(SlotHash.Of(Encoding.UTF8.GetString(migrate.Arguments[index].Span)));
        }

        return RespValue.Ok;
    }

    sealed class Node(ChangedNodes nodes, IRedisNode inner, string key) : IRedisNode
    {
        public RedisEndpoint Endpoint => inner.Endpoint;

        public async Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken) =>
            nodes.Change(commands, await inner.ExecuteAsync(commands, timeout, cancellationToken), key);

        public async Task<IReadOnlyList<RespValue>?> ExecuteIfAsync(
            IReadOnlyList<RedisCommand> questions,
            Func<IReadOnlyList<RespValue>, bool> holds,
            IReadOnlyList<RedisCommand> commands,
            TimeSpan timeout,
            CancellationToken cancellationToken)
        {
            // Whoever asks reads the answers there.
            var answers = await inner.ExecuteIfAsync(questions, answers => holds(nodes.Change(questions, answers, key)) || nodes.SkipsChecks, commands, timeout, cancellationToken);
            return answers is null ? null : nodes.Change(commands, answers, key);
        }
    }

    sealed class Session(ChangedNodes nodes, IRedisSession inner) : IRedisSession
    {
        public RedisEndpoint Endpoint => inner.Endpoint;

        bool IsTarget { get; set; }

        bool IsSource { get; set; }

        public async Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
        {
            IsTarget |= commands.Any(command => SetsSlot(command, "IMPORTING"));
            IsSource |= commands.Any(command => SetsSlot(command, "MIGRATING"));
            var taken = commands.Where(command => SetsSlot(command, "NODE")).ToList();
            if (nodes.TellsSourceFirst && IsTarget && taken.Count > 0 && nodes._sessions.FindLast(session => session.IsSource) is { } source)
            {
                await source.SendAsync(taken, timeout, cancellationToken);
            }

            return nodes.Change(commands, await SendAsync(commands, timeout, cancellationToken), null);
        }

        public ValueTask DisposeAsync()
        {
            nodes._sessions.Remove(this);
            return inner.DisposeAsync();
        }

        Task<IReadOnlyList<RespValue>> SendAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken) =>
            inner.ExecuteAsync(commands, timeout, cancellationToken);
    }
}
