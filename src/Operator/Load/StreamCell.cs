using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>A stream that keeps its last entries: every acknowledged one of them is there, once.</summary>
sealed class StreamCell(string key) : LedgerCell(key)
{
    /// <summary>How many entries the stream keeps.</summary>
    public const int Length = 128;

    const int ValueBytes = 64;
    const string Field = "entry";

    // the last entries that were sent, oldest first, and whether they were acknowledged
    readonly Queue<Acknowledgement> _acknowledged = new();
    readonly Queue<long> _uncertain = new();
    long _issued;
    long _landed;

    public override bool IsWritten => _acknowledged.Count > 0;

    public override RedisCommand BuildWrite(TimeProvider time) =>
        new("XADD", Key, "MAXLEN", "=", Length, "*", Field, LedgerValue.Build(Key, ++_issued, ValueBytes));

    public override void Acknowledge(DateTimeOffset at, RedisEndpoint? server)
    {
        _landed++;
        Keep(_acknowledged, new Acknowledgement(_issued, at, server));
    }

    public override void Doubt() => Keep(_uncertain, _issued);

    public override async Task<Finding> CheckAsync(Func<RedisCommand, Task<RespValue>> askAsync, TimeProvider time, bool settles)
    {
        var present = new SortedSet<long>();
        var reply = await askAsync(new RedisCommand("XRANGE", Key, "-", "+"));
        foreach (var entry in reply.Items.ToArray())
        {
            if (!TryRead(entry, out var number) || number > _issued)
            {
                return new Finding(Verdict.Wrong, 1, "an entry that was never written there");
            }

            if (!present.Add(number))
            {
                return new Finding(Verdict.Wrong, 1, string.Create(CultureInfo.InvariantCulture, $"entry {number} is there twice"));
            }
        }

        // what came before the oldest entry of a full stream was pushed out by those after it
        var from = present.Count >= Length ? present.Min : 0;
        List<long> known = [.. _acknowledged.Select(acknowledged => acknowledged.Number), .. _uncertain];
        var strange = present.FirstOrDefault(number => number >= known.DefaultIfEmpty(long.MaxValue).Min() && !known.Contains(number));
        var missing = _acknowledged.Where(acknowledged => acknowledged.Number > from && !present.Contains(acknowledged.Number)).ToList();
        var lost = Math.Max(missing.Count, (int)Math.Min(Length, _landed) - present.Count);
        if (settles && lost > 0)
        {
            Forget(present);
        }

        return lost > 0
            ? new Finding(Verdict.Lost, lost, string.Create(CultureInfo.InvariantCulture, $"{lost} acknowledged entries are missing, of {Math.Min(Length, _landed)} that should be there{First(missing)}")) { Broken = missing }
            : strange > 0
                ? new Finding(Verdict.Wrong, 1, string.Create(CultureInfo.InvariantCulture, $"entry {strange} is there, which had been refused"))
                : Finding.Fine;
    }

    static string First(List<Acknowledgement> missing) => missing.Count > 0 ? $"; the first of them: {missing[0]}" : "";

    bool TryRead(RespValue entry, out long number)
    {
        number = 0;
        return entry.Items is [_, var fields] && fields.Items is [_, var value] && LedgerValue.TryRead(Key, value.Bytes, ValueBytes, out number);
    }

    static void Keep<T>(Queue<T> last, T one)
    {
        last.Enqueue(one);
        if (last.Count > Length)
        {
            last.Dequeue();
        }
    }

    /// <summary>What is lost was reported: from now on what is there is what was written.</summary>
    void Forget(SortedSet<long> present)
    {
        _landed = present.Count;
        var there = _acknowledged.Where(acknowledged => present.Contains(acknowledged.Number)).ToList();
        _acknowledged.Clear();
        there.ForEach(_acknowledged.Enqueue);
    }
}
