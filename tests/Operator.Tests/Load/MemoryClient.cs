using System.Globalization;
using Slotwise.Operator.Load;
using Slotwise.Redis;
using Slotwise.Testing;

namespace Slotwise.Operator.Tests.Load;

/// <summary>A server in memory that keeps what a ledger writes, and betrays it where a test wants it to.</summary>
sealed class MemoryClient(FakeTimeProvider time) : ILedgerClient
{
    readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, TimeSpan> _expiries = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, List<byte[]>> _streams = new(StringComparer.Ordinal);

    /// <summary>Called before each write with its count, from 1.</summary>
    public Func<long, RedisCommand, Fate> OnWrite { get; set; } = (_, _) => Fate.CarriedOut;

    /// <summary>Called before each read.</summary>
    public Action<RedisCommand, ReadFrom> OnRead { get; set; } = (_, _) => { };

    public long Writes { get; private set; }

    public long Reads { get; private set; }

    public long Redirects => 7;

    public IEnumerable<string> Keys => _values.Keys.Select(place => place.Split('\n')[0]).Concat(_streams.Keys);

    public string? ShardOf(int slot) => slot < 8192 ? "0" : "1";

    /// <summary>Who answers.</summary>
    public RedisEndpoint Server { get; set; } = new("192.0.2.1", 6379);

    public Task<LedgerReply> ExecuteAsync(RedisCommand command, bool isRead, ReadFrom from, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (isRead && command.Name != "UNLINK")
        {
            Reads++;
            OnRead(command, from);
            return Task.FromResult(new LedgerReply(Read(command, from), Server));
        }

        var fate = command.Name == "UNLINK" ? Fate.CarriedOut : OnWrite(++Writes, command);
        if (fate is Fate.CarriedOut or Fate.CarriedOutUnanswered)
        {
            Write(command);
        }

        return fate switch
        {
            Fate.Refused => throw new RedisServerException("OOM command not allowed when used memory > 'maxmemory'."),
            Fate.NotSent => throw new RedisConnectionException(Server, "cannot connect"),
            Fate.Unanswered or Fate.CarriedOutUnanswered => throw new RedisTimeoutException(Server, "no answer") { MayHaveBeenCarriedOut = true },
            _ => Task.FromResult(new LedgerReply(RespValue.Ok, Server)),
        };
    }

    /// <summary>Carries out a command, now.</summary>
    public void Write(RedisCommand command)
    {
        var place = Place(command);
        switch (command.Name)
        {
            case "SET":
                _values[place] = command.Arguments[2].ToArray();
                _expiries.Remove(place);
                if (command.ArgumentText(3) == "PX")
                {
                    _expiries[place] = time.Elapsed + TimeSpan.FromMilliseconds(long.Parse(command.ArgumentText(4), CultureInfo.InvariantCulture));
                }

                break;
            case "HSET":
                _values[place] = command.Arguments[3].ToArray();
                break;
            case "XADD":
                if (!_streams.TryGetValue(place, out var entries))
                {
                    _streams[place] = entries = [];
                }

                entries.Add(command.Arguments[7].ToArray());
                if (entries.Count > StreamCell.Length)
                {
                    entries.RemoveAt(0);
                }

                break;
            case "UNLINK":
                _streams.Remove(place);
                foreach (var known in _values.Keys.Where(known => known == place || known.StartsWith(place + "\n", StringComparison.Ordinal)).ToList())
                {
                    _values.Remove(known);
                }

                break;
        }
    }

    /// <summary>Forgets the first place whose key holds a text.</summary>
    public void Delete(string text)
    {
        if (_values.Keys.FirstOrDefault(place => place.Contains(text, StringComparison.Ordinal)) is { } value)
        {
            _values.Remove(value);
        }
        else
        {
            _streams.Remove(_streams.Keys.First(place => place.Contains(text, StringComparison.Ordinal)));
        }
    }

    /// <summary>Changes what the first place holds whose key has a text.</summary>
    public void Change(string text, Func<byte[], byte[]> change)
    {
        var place = _values.Keys.First(place => place.Contains(text, StringComparison.Ordinal));
        _values[place] = change(_values[place]);
    }

    public void ChangeStreams(Action<List<byte[]>> change) => change(_streams.Values.First());

    public void ChangeExpiries(Func<TimeSpan, TimeSpan?> change)
    {
        foreach (var (place, at) in _expiries.ToList())
        {
            _expiries.Remove(place);
            if (change(at) is { } other)
            {
                _expiries[place] = other;
            }
        }
    }

    /// <summary>What replicas do not know yet.</summary>
    public bool AreReplicasEmpty { get; set; }

    static string Place(RedisCommand command) => command.Name is "HSET" or "HGET" ? $"{command.ArgumentText(1)}\n{command.ArgumentText(2)}" : command.ArgumentText(1);

    RespValue Read(RedisCommand command, ReadFrom from)
    {
        var place = Place(command);
        if (from == ReadFrom.Replica && AreReplicasEmpty)
        {
            return RespValue.Null;
        }

        if (_expiries.TryGetValue(place, out var at) && at <= time.Elapsed)
        {
            _values.Remove(place);
        }

        return command.Name switch
        {
            "PTTL" => RespValue.Integer(!_values.ContainsKey(place) ? -2 : _expiries.TryGetValue(place, out var end) ? (long)(end - time.Elapsed).TotalMilliseconds : -1),
            "XRANGE" => RespValue.Array([.. _streams.GetValueOrDefault(place, []).Select((entry, id) =>
                RespValue.Array(RespValue.Text($"{id}-0"), RespValue.Array(RespValue.Text("entry"), RespValue.Blob(entry))))]),
            _ => _values.TryGetValue(place, out var value) ? RespValue.Blob(value) : RespValue.Null,
        };
    }
}

/// <summary>What becomes of a write.</summary>
enum Fate
{
    CarriedOut,
    Refused,
    NotSent,
    Unanswered,
    CarriedOutUnanswered,

    /// <summary>The server says that it did, and did not.</summary>
    AcknowledgedOnly,
}
