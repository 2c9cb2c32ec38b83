namespace Slotwise.ObjectStore.Watching;

/// <summary>What a watcher gets: one change, or a bookmark (then <see cref="Object"/> is null).</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">As it is after the change, or was before the deletion.</param>
/// <param name="ResourceVersion">Of the change.</param>
/// <param name="EndsInitial">Of a bookmark: all that existed when the watch began has been told.</param>
public sealed record StoreEvent(WatchEventType Type, StoredObject? Object, long ResourceVersion, bool EndsInitial = false);

/// <summary>One write as the log keeps it: both sides, so that a selector can tell entering, changing and leaving apart.</summary>
sealed record LoggedChange(long ResourceVersion, StoredObject? Before, StoredObject? After);
