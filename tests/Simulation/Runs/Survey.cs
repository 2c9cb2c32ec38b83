using Slotwise.Simulation.Laws;

namespace Slotwise.Simulation.Runs;

/// <summary>
/// A number of seeds, and after them a crash of the operator at every write that it made in any of them, before and after: enumerated, until no run shows a write at
/// which it has not died yet.
/// </summary>
public sealed class Survey
{
    /// <summary>How many runs may be spent on one point: its occurrence is the same in every run of the same scenario up to there, so one should do.</summary>
    const int MaxTries = 3;

    readonly SortedDictionary<string, RunResult> _seenIn = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, int> _tries = new(StringComparer.Ordinal);
    readonly SortedSet<string> _hit = new(StringComparer.Ordinal);

    /// <summary>Runs that were made.</summary>
    public int Runs { get; private set; }

    public List<RunResult> Failures { get; } = [];

    /// <summary>Incidents, by kind.</summary>
    public SortedDictionary<string, int> Incidents { get; } = new(StringComparer.Ordinal);

    /// <summary>Failed runs, by law.</summary>
    public SortedDictionary<string, int> Broken { get; } = new(LawBook.Open().ToDictionary(law => law.ToString(), _ => 0), StringComparer.Ordinal);

    /// <summary>The writes at which the operator can die, before and after.</summary>
    public IReadOnlyCollection<string> Points => _seenIn.Keys;

    /// <summary>Those at which it did.</summary>
    public IReadOnlyCollection<string> Hit => _hit;

    public IEnumerable<string> Missed => _seenIn.Keys.Except(_hit);

    public int Refused { get; private set; }

    public long Acknowledged { get; private set; }

    public long Excused { get; private set; }

    public TimeSpan LongestSettling { get; private set; }

    public TimeSpan VirtualTime { get; private set; }

    /// <summary>Runs seeds, then, if asked for, the crashes.</summary>
    public static Survey Of(ulong first, int seeds, bool enumeratesCrashes) =>
        Of(Enumerable.Range(0, seeds).Select(index => ScenarioGenerator.Draw(first + (ulong)index)), enumeratesCrashes);

    /// <summary>Runs scenarios, then, if asked for, the crashes.</summary>
    public static Survey Of(IEnumerable<Scenario> scenarios, bool enumeratesCrashes = true)
    {
        var survey = new Survey();
        survey.Run(scenarios);
        while (enumeratesCrashes && survey.NextCrashes() is { Count: > 0 } crashes)
        {
            survey.Run(crashes);
        }

        return survey;
    }

    static (int Crashes, long Steps, ulong Seed, string Last) Order(RunResult result) =>
        (result.Scenario.Crashes.Count, result.Steps, result.Scenario.Seed, string.Join(", ", result.Scenario.Crashes));

    void Run(IEnumerable<Scenario> scenarios) => Batch.Run(scenarios, result =>
    {
        Count(result);
        return true;
    });

    List<Scenario> NextCrashes()
    {
        var next = new List<Scenario>();
        foreach (var (point, seen) in _seenIn)
        {
            if (!_hit.Contains(point) && _tries.GetValueOrDefault(point) < MaxTries)
            {
                _tries[point] = _tries.GetValueOrDefault(point) + 1;
                next.Add(seen.Scenario with { Crashes = [.. seen.Scenario.Crashes, CrashPoint.Parse($"{point} #1")] });
            }
        }

        return next;
    }

    void Count(RunResult result)
    {
        Runs++;
        Acknowledged += result.Acknowledged;
        Excused += result.Excused;
        Refused += result.IsRefused ? 1 : 0;
        VirtualTime += result.Lasted;
        LongestSettling = result.Settled > LongestSettling ? result.Settled : LongestSettling;
        foreach (var (_, what) in result.Scenario.Incidents)
        {
            Incidents[what.Word] = Incidents.GetValueOrDefault(what.Word) + 1;
        }

        // The shortest one of the fewest crashes, which does not depend on which thread was faster. Some writes only a crash brings about.
        foreach (var point in result.Points.Keys)
        {
            if (!_seenIn.TryGetValue(point, out var known) || Order(result).CompareTo(Order(known)) < 0)
            {
                _seenIn[point] = result;
            }
        }

        if (result.HasCrashed)
        {
            _hit.UnionWith(result.Scenario.Crashes.Select(crash => crash.Name));
        }

        if (result.Violation is { } violation)
        {
            Failures.Add(result);
            Broken[violation.Law] = Broken.GetValueOrDefault(violation.Law) + 1;
        }
    }
}
