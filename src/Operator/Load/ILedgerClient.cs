using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>The client library that a ledger writes and reads through.</summary>
interface ILedgerClient
{
    /// <summary>Redirections that the client followed; 0 where it does not say.</summary>
    long Redirects { get; }

    /// <summary>Sends one command; its first key is its first argument.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isRead">Whether it may be carried out twice.</param>
    /// <param name="from">Who may answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RedisServerException">The command was refused: it was not carried out.</exception>
    /// <exception cref="RedisConnectionException">There was no answer; whether it may have been carried out stands in the exception.</exception>
    Task<LedgerReply> ExecuteAsync(RedisCommand command, bool isRead, ReadFrom from, CancellationToken cancellationToken);

    /// <summary>The name of the shard that serves the slot now, or null where that is not known.</summary>
    string? ShardOf(int slot);
}

/// <summary>A reply, and who gave it; null where the client does not say.</summary>
readonly record struct LedgerReply(RespValue Value, RedisEndpoint? Server);
