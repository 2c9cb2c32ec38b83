using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>The numbers that were written to one place, by one writer, one after the other. Takes the same room however many there are.</summary>
sealed class WriteHistory
{
    const int MostUncertain = 16;
    const int MostRemembered = 4;

    readonly List<long> _uncertain = [];
    readonly List<Acknowledgement> _acknowledged = [];

    /// <summary>The last number that was sent; 0 before the first.</summary>
    public long Issued { get; private set; }

    /// <summary>The last number whose write was acknowledged; 0 before the first, and after it was found to be lost.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>The number for the next write.</summary>
    public long Next() => ++Issued;

    /// <summary>The last write was acknowledged.</summary>
    public void Acknowledge(DateTimeOffset at, RedisEndpoint? server)
    {
        Acknowledged = Issued;
        _acknowledged.Add(new Acknowledgement(Issued, at, server));
        if (_acknowledged.Count > MostRemembered)
        {
            _acknowledged.RemoveAt(0);
        }
    }

    /// <summary>The last write got no answer: it may take effect now, later, or never.</summary>
    public void Doubt()
    {
        _uncertain.Add(Issued);
        if (_uncertain.Count > MostUncertain)
        {
            _uncertain.RemoveAt(0);
        }
    }

    /// <summary>Judges what was read while no write was on its way; null for nothing.</summary>
    public Verdict Judge(long? seen) => seen switch
    {
        null => Acknowledged == 0 ? Verdict.Fine : Verdict.Lost,
        { } number when number == Acknowledged => Verdict.Fine,
        { } number when _uncertain.Contains(number) => number > Acknowledged ? Verdict.Fine : Verdict.Late,
        { } number => number < Acknowledged ? Verdict.Lost : Verdict.Wrong,
    };

    /// <summary>The last acknowledgements of what is lost when this was read, oldest first.</summary>
    public IReadOnlyList<Acknowledgement> BrokenBy(long? seen) => [.. _acknowledged.Where(known => known.Number > (seen ?? 0))];

    /// <summary>Takes what is there for what was written, so that one loss is reported once.</summary>
    public void Accept(long? seen)
    {
        Acknowledged = seen is { } number && number <= Issued ? number : 0;
        _acknowledged.RemoveAll(known => known.Number > Acknowledged);
    }
}
