namespace Slotwise.ObjectStore.Watching;

/// <summary>
/// The recent changes of one kind, oldest first. Watchers pull from it by resource version, so a slow one costs nothing
/// but its place: when the log has moved past it, it gets 410 and lists again.
/// </summary>
sealed class EventLog(int capacity, long startVersion)
{
    readonly LinkedList<LoggedChange> _changes = new();
    TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Changes up to and including this version are forgotten.</summary>
    public long CompactedTo { get; private set; } = startVersion;

    /// <summary>The version of the last change.</summary>
    public long Newest { get; private set; } = startVersion;

    /// <summary>Completes with the next change. Take it before looking for changes, or one may slip between.</summary>
    public Task Appended => _appended.Task;

    public void Append(LoggedChange change)
    {
        _changes.AddLast(change);
        Newest = change.ResourceVersion;
        while (_changes.Count > capacity)
        {
            RemoveOldest();
        }

        Wake();
    }

    /// <summary>Forgets everything, as etcd's compaction does.</summary>
    public void Compact(long version)
    {
        while (_changes.First is { } first && first.Value.ResourceVersion <= version)
        {
            RemoveOldest();
        }

        CompactedTo = Math.Max(CompactedTo, version);
    }

    /// <summary>Up to <paramref name="maximum"/> changes after a version.</summary>
    /// <exception cref="KubernetesApiException">410: some of them are forgotten.</exception>
    public List<LoggedChange> After(long version, int maximum)
    {
        if (version < CompactedTo)
        {
            throw ApiError.TooOld(version, CompactedTo);
        }

        // The newest changes are at the end and watchers are usually near it.
        var node = _changes.Last;
        while (node is not null && node.Value.ResourceVersion > version)
        {
            node = node.Previous;
        }

        node = node is null ? _changes.First : node.Next;
        var found = new List<LoggedChange>();
        for (; node is not null && found.Count < maximum; node = node.Next)
        {
            found.Add(node.Value);
        }

        return found;
    }

    /// <summary>The changes after a version, the newest first.</summary>
    public IEnumerable<LoggedChange> NewestUntil(long version)
    {
        for (var node = _changes.Last; node is not null && node.Value.ResourceVersion > version; node = node.Previous)
        {
            yield return node.Value;
        }
    }

    /// <summary>Lets every watcher look again, also when nothing was appended: its kind may be gone.</summary>
    public void Wake()
    {
        var appended = _appended;
        _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        appended.SetResult();
    }

    void RemoveOldest()
    {
        CompactedTo = _changes.First!.Value.ResourceVersion;
        _changes.RemoveFirst();
    }
}
