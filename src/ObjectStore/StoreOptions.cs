namespace Slotwise.ObjectStore;

/// <summary>What a store takes from outside, so that a simulation can decide all of it.</summary>
public sealed record StoreOptions
{
    public required TimeProvider Time { get; init; }

    /// <summary>Where uids and generated names come from; a seed makes them reproducible.</summary>
    public required Random Random { get; init; }

    /// <summary>Who looks at every object before it is stored, in this order.</summary>
    public IReadOnlyList<IAdmission> Admission { get; init; } = [];

    /// <summary>The version that the first write counts from. A server that forgets its objects should start above what it said before, so that old watches get 410.</summary>
    public long StartVersion { get; init; }

    /// <summary>Changes of each kind that a watch can still be resumed over.</summary>
    public int RememberedChanges { get; init; } = 4096;

    /// <summary>The first two numbers of the IPv4 network that Services get their addresses from.</summary>
    public string ServiceNetwork { get; init; } = "10.96";

    /// <summary>How often a watch that asked for bookmarks gets one.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Is told of every change at once and in order, under the store's lock: it must not wait and not write. For what cannot pull, such as a simulation.</summary>
    public Action<StoreChange>? Changed { get; init; }
}
