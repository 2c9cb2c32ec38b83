namespace Slotwise.Redis.SlotMoves;

/// <summary>
/// Several connections to one server that share long batches of SETSLOT. Valkey has a master's replicas confirm each of them (8.0), and until they have
/// lets nothing else happen on the connection: one after the other, thousands of empty slots would take minutes. What is about one slot stays on one
/// connection, in order; everything else is sent on the first.
/// </summary>
/// <param name="sessions">The connections, at least one; each has proved who it leads to. They are closed with this.</param>
public sealed class SideBySideSession(IReadOnlyList<IRedisSession> sessions) : IRedisSession
{
    /// <summary>How many connections are worth having.</summary>
    public const int Connections = 8;

    /// <summary>Fewer slots than this are done before further connections are.</summary>
    public const int LeastSlots = 32;

    /// <inheritdoc/>
    public RedisEndpoint Endpoint => sessions[0].Endpoint;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Count < LeastSlots || !commands.All(IsAboutSlot))
        {
            return await sessions[0].ExecuteAsync(commands, timeout, cancellationToken);
        }

        var shares = Enumerable.Range(0, commands.Count).ToLookup(index => Slot(commands[index]) % sessions.Count);
        var replies = new RespValue[commands.Count];
        await Task.WhenAll(shares.Select(async share =>
        {
            var answers = await sessions[share.Key].ExecuteAsync([.. share.Select(index => commands[index])], timeout, cancellationToken);
            foreach (var (index, answer) in share.Zip(answers))
            {
                replies[index] = answer;
            }
        }));
        return replies;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in sessions)
        {
            await session.DisposeAsync();
        }
    }

    static bool IsAboutSlot(RedisCommand command) => command.Name is "CLUSTER SETSLOT" or "CLUSTER COUNTKEYSINSLOT";

    static int Slot(RedisCommand command) => int.Parse(command.ArgumentText(2), System.Globalization.CultureInfo.InvariantCulture);
}
