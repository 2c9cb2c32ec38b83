namespace Slotwise.Kubernetes.Api;

/// <summary>What a watch can report.</summary>
public enum WatchEventType
{
    Added,
    Modified,
    Deleted,

    /// <summary>Only the resource version moved on: a place to resume from.</summary>
    Bookmark,
}

/// <summary>One change of one object. An ERROR event becomes a <see cref="KubernetesApiException"/>.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object after the change; before it, when deleted; null for a bookmark.</param>
/// <param name="ResourceVersion">Where a new watch would resume after this event.</param>
public sealed record WatchEvent<T>(WatchEventType Type, T? Object, string ResourceVersion)
    where T : class;
