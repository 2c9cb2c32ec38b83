namespace Slotwise.ObjectStore.Watching;

/// <summary>What a watcher gets: one change, or a bookmark (then <see cref="Object"/> is null).</summary>
public sealed record StoreEvent(WatchEventType Type, StoredObject? Object, long ResourceVersion);

/// <summary>One write as the log keeps it: both sides, so that a selector can tell entering, changing and leaving apart.</summary>
sealed record LoggedChange(long ResourceVersion, StoredObject? Before, StoredObject? After);
