namespace Slotwise.Redis;

/// <summary>A connection of a cluster client, in use by one call at a time.</summary>
/// <param name="endpoint">Where the node announces itself, which need not be where it is reached.</param>
/// <param name="connection">The connection.</param>
sealed class ClientConnection(RedisEndpoint endpoint, RedisConnection connection)
{
    static readonly RedisCommand ReadOnly = new("READONLY");
    static readonly RedisCommand ReadWrite = new("READWRITE");

    bool _isReadOnly;

    public RedisEndpoint Endpoint => endpoint;

    public bool IsUsable => connection.IsUsable;

    /// <summary>When it was last given back, as a timestamp of the client's clock.</summary>
    public long IdleSince { get; set; }

    /// <summary>The connection itself, for whoever listens for what nobody asked for.</summary>
    public RedisConnection Inner => connection;

    /// <summary>Sends a batch; with <paramref name="readOnly"/> a replica answers reads itself.</summary>
    public async Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, bool readOnly, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_isReadOnly == readOnly)
        {
            return await connection.ExecuteAsync(commands, timeout, cancellationToken);
        }

        // a connection left in this mode would let a master that became a replica answer with old values instead of MOVED
        var replies = await connection.ExecuteAsync([readOnly ? ReadOnly : ReadWrite, .. commands], timeout, cancellationToken);
        _isReadOnly = readOnly;
        return [.. replies.Skip(1)];
    }

    public void Close() => connection.Close();
}
