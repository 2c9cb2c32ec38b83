using System.Text.Json.Serialization;

namespace Slotwise.Operator.Load;

/// <summary>What a ledger has seen so far.</summary>
sealed record LedgerReport
{
    /// <summary>Since the first write.</summary>
    public required double Seconds { get; init; }

    /// <summary>Writes that the servers acknowledged.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Writes that got no answer: they may have been carried out.</summary>
    public required long Uncertain { get; init; }

    /// <summary>Values that were read back and judged.</summary>
    public required long Checked { get; init; }

    /// <summary>Acknowledged writes that are not there.</summary>
    public required long Lost { get; init; }

    /// <summary>Values that were never written where they are.</summary>
    public required long Wrong { get; init; }

    /// <summary>Writes without an answer that took effect after a later one was acknowledged.</summary>
    public required long Late { get; init; }

    /// <summary>Replicas that did not have yet what their master had.</summary>
    public required long Stale { get; init; }

    /// <summary>Values that could not be read back in the end, so that nothing is known about them.</summary>
    public required long Unchecked { get; init; }

    /// <summary>MOVED and ASK redirections that the client followed.</summary>
    public required long Redirects { get; init; }

    /// <summary>What the application got to see, by the code of the server's error or the kind of failure.</summary>
    public required IReadOnlyDictionary<string, long> Errors { get; init; }

    /// <summary>The first error of each kind, for a person.</summary>
    public required IReadOnlyDictionary<string, string> FirstErrors { get; init; }

    public required double P50Milliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    public required double MaxMilliseconds { get; init; }

    /// <summary>By shard, the longest time for which commands waited without one being acknowledged, in milliseconds.</summary>
    public required IReadOnlyDictionary<string, double> LongestGapMilliseconds { get; init; }

    /// <summary>The sharded publish/subscribe beside it; null where there is none.</summary>
    public PubSubReport? PubSub { get; init; }

    /// <summary>The first of what was found to be lost, wrong or late, for a person.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>
    /// Which writes are lost, as far as their acknowledgements are remembered, the last few of each place. There may be thousands, so that they are no
    /// part of the JSON.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<LostWrite> LostWrites { get; init; } = [];

    public long ErrorCount => Errors.Values.Sum();

    /// <summary>Whether every acknowledged write was there.</summary>
    public bool IsClean => Lost == 0 && Wrong == 0 && Unchecked == 0;
}

/// <summary>What became of messages of shards. They are delivered at most once, so one that is missed is no loss.</summary>
/// <param name="Published">Messages that a server took.</param>
/// <param name="Delivered">Of these, those that it had somebody to give to.</param>
/// <param name="Received">Messages that arrived.</param>
/// <param name="Missed">Delivered to somebody, but not received.</param>
/// <param name="OutOfOrder">Received after a later one, or twice.</param>
/// <param name="Interruptions">How often a subscription ended, with its slot or its connection, and was made again.</param>
sealed record PubSubReport(long Published, long Delivered, long Received, long Missed, long OutOfOrder, long Interruptions);
