using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>A place that one writer writes numbers to, one after the other.</summary>
abstract class LedgerCell(string key)
{
    public string Key => key;

    public int Slot { get; } = SlotHash.Of(key);

    /// <summary>Whether anything was ever acknowledged, so that there is something to check.</summary>
    public abstract bool IsWritten { get; }

    /// <summary>The next write. Its outcome must be told before the next.</summary>
    public abstract RedisCommand BuildWrite(TimeProvider time);

    /// <summary>The last write was acknowledged.</summary>
    /// <param name="at">When.</param>
    /// <param name="server">By whom; null where that is not known.</param>
    public abstract void Acknowledge(DateTimeOffset at, RedisEndpoint? server);

    public abstract void Doubt();

    /// <summary>Reads back what was written, and judges it.</summary>
    /// <param name="askAsync">Sends a command that reads.</param>
    /// <param name="time">The clock.</param>
    /// <param name="settles">Whether what is found is to be counted; then it is not found again.</param>
    public abstract Task<Finding> CheckAsync(Func<RedisCommand, Task<RespValue>> askAsync, TimeProvider time, bool settles);
}

/// <summary>What a check came to.</summary>
/// <param name="Verdict">The worst of what was found.</param>
/// <param name="Count">How many writes that is about.</param>
/// <param name="Text">What was expected and what was seen, for a person; empty if all is fine.</param>
readonly record struct Finding(Verdict Verdict, int Count, string Text)
{
    public static readonly Finding Fine = new(Verdict.Fine, 0, "");

    /// <summary>Of what is lost, the acknowledgements that are remembered, oldest first; null if there are none.</summary>
    public IReadOnlyList<Acknowledgement>? Broken { get; init; }
}
