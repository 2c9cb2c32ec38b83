using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>A string, a field of a hash, or a string that expires: the last number is there.</summary>
/// <param name="key">The key.</param>
/// <param name="field">For a hash.</param>
/// <param name="size">The length of its values, in bytes.</param>
/// <param name="expiry">After what time it is gone again; null for never.</param>
sealed class RegisterCell(string key, string? field, int size, TimeSpan? expiry) : LedgerCell(key)
{
    /// <summary>How much longer than its expiry a value may live: a move carries what is left of it, and takes its time.</summary>
    static readonly TimeSpan Outlives = TimeSpan.FromSeconds(10);

    readonly WriteHistory _history = new();
    readonly string _place = field is null ? key : $"{key}/{field}";
    long _sent;

    public override bool IsWritten => _history.Acknowledged > 0;

    public override RedisCommand BuildWrite(TimeProvider time)
    {
        _sent = time.GetTimestamp();
        var value = LedgerValue.Build(_place, _history.Next(), size);
        return field is not null ? new RedisCommand("HSET", Key, field, value)
            : expiry is { } after ? new RedisCommand("SET", Key, value, "PX", (long)after.TotalMilliseconds)
            : new RedisCommand("SET", Key, value);
    }

    public override void Acknowledge(DateTimeOffset at, RedisEndpoint? server) => _history.Acknowledge(at, server);

    public override void Doubt() => _history.Doubt();

    public override async Task<Finding> CheckAsync(Func<RedisCommand, Task<RespValue>> askAsync, TimeProvider time, bool settles)
    {
        var age = time.GetElapsedTime(_sent);
        var reply = await askAsync(field is null ? new RedisCommand("GET", Key) : new RedisCommand("HGET", Key, field));
        if (reply.IsNull && time.GetElapsedTime(_sent) >= expiry)
        {
            return Finding.Fine;
        }

        long? seen = null;
        if (!reply.IsNull)
        {
            if (!LedgerValue.TryRead(_place, reply.Bytes, size, out var number))
            {
                return Settle(Verdict.Wrong, null, $"{reply.Bytes.Length} bytes that were never written there");
            }

            seen = number;
        }

        var verdict = _history.Judge(seen);
        if (verdict == Verdict.Fine && seen is not null && expiry is { } after && await FindExpiryTroubleAsync(askAsync, age, after) is { } trouble)
        {
            return Settle(Verdict.Wrong, seen, trouble);
        }

        return verdict == Verdict.Fine ? Finding.Fine : Settle(verdict, seen, seen is null ? "nothing" : string.Create(CultureInfo.InvariantCulture, $"number {seen}"));

        Finding Settle(Verdict what, long? found, string text)
        {
            var expected = _history.Acknowledged;
            var broken = what == Verdict.Lost ? _history.BrokenBy(found) : null;
            if (settles)
            {
                _history.Accept(found);
            }

            return new Finding(what, 1, string.Create(CultureInfo.InvariantCulture, $"{(broken is [.., var last] ? last : $"number {expected} was acknowledged")}, and there was {text}")) { Broken = broken };
        }
    }

    async Task<string?> FindExpiryTroubleAsync(Func<RedisCommand, Task<RespValue>> askAsync, TimeSpan age, TimeSpan expiry)
    {
        if (age > expiry + Outlives)
        {
            return string.Create(CultureInfo.InvariantCulture, $"a value that should have expired {(age - expiry).TotalSeconds:0} s ago");
        }

        // -2: it expired between the two questions; -1: it never will
        return (await askAsync(new RedisCommand("PTTL", Key))).TryGetInteger(out var left) && (left == -1 || left > expiry.TotalMilliseconds)
            ? string.Create(CultureInfo.InvariantCulture, $"an expiry of {left} ms instead of at most {expiry.TotalMilliseconds} ms")
            : null;
    }
}
