namespace Slotwise.ObjectStore.Watching;

/// <summary>A write.</summary>
/// <param name="Kind">As which kind the object is stored.</param>
/// <param name="Before">Null when it was created.</param>
/// <param name="After">Null when it was removed.</param>
/// <param name="ResourceVersion">Of the write.</param>
public sealed record StoreChange(ResourceKind Kind, StoredObject? Before, StoredObject? After, long ResourceVersion);
