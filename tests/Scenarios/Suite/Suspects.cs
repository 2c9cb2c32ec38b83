using System.Globalization;
using Slotwise.Operator.Load;

namespace Slotwise.Scenarios.Suite;

/// <summary>Which servers may, by what happens to them, lose what they acknowledged, and during which time.</summary>
sealed class Suspects
{
    /// <summary>
    /// What a master acknowledged so long before its end may not have reached its replica: replication is a matter of milliseconds, but all servers share
    /// this machine's processors.
    /// </summary>
    static readonly TimeSpan Backlog = TimeSpan.FromSeconds(1);

    /// <summary>An answer is noted so long after it was given.</summary>
    static readonly TimeSpan Noted = TimeSpan.FromSeconds(0.5);

    readonly List<Suspicion> _suspicions = [];

    /// <summary>From now on, and with what they acknowledged just before, until this is disposed of: from then on they must keep what they promise, or promise nothing.</summary>
    public IDisposable Add(IEnumerable<Member> members)
    {
        List<Suspicion> added = [.. members.Select(member => new Suspicion(member, TimeProvider.System.GetUtcNow() - Backlog))];
        _suspicions.AddRange(added);
        return new Time(added);
    }

    /// <summary>The first lost write that none of them may have lost, in words; null if there is none.</summary>
    public string? FindBrokenPromise(LedgerReport report) =>
        report.LostWrites.FirstOrDefault(lost => !_suspicions.Exists(suspicion => suspicion.Explains(lost))) is { } broken
            ? $"{broken.Key} (slot {broken.Slot}) lost a write: {broken.Acknowledged}; {(_suspicions.Count == 0 ? "no server may lose any" : string.Join(", ", _suspicions))}"
            : report.Lost > 0 && report.LostWrites.Count == 0 ? $"{report.Lost} writes are lost, of which nothing else is known"
            : null;

    /// <summary>One server, and from when to when it may lose what it acknowledges.</summary>
    sealed class Suspicion(Member member, DateTimeOffset from)
    {
        public DateTimeOffset? Until { get; set; }

        public bool Explains(LostWrite lost) =>
            lost.Acknowledged.Server == member.Endpoint && lost.Acknowledged.At >= from && lost.Acknowledged.At <= (Until ?? DateTimeOffset.MaxValue);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{member} may, from {from:HH:mm:ss.fff} to {Until:HH:mm:ss.fff}");
    }

    sealed class Time(List<Suspicion> suspicions) : IDisposable
    {
        public void Dispose() => suspicions.ForEach(suspicion => suspicion.Until ??= TimeProvider.System.GetUtcNow() + Noted);
    }
}
