namespace Slotwise.LocalKubernetes.Api.Faults;

/// <summary>Trouble that goes on.</summary>
sealed class ActiveFault(string id, ApiFault fault, DateTimeOffset until)
{
    int _hits;

    public string Id { get; } = id;

    public ApiFault Fault { get; } = fault;

    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset Until { get; } = until;

    /// <summary>Requests that it has hit.</summary>
    public int Hits => Math.Min(_hits, Fault.Count ?? int.MaxValue);

    /// <summary>Whether it may still hit something.</summary>
    public bool IsOver(DateTimeOffset now) => now >= Until || Hits >= Fault.Count;

    /// <summary>Counts a request that it hits; false when it has hit as many as it may.</summary>
    public bool TryHit() => Interlocked.Increment(ref _hits) <= (Fault.Count ?? int.MaxValue);
}
