using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Api.Faults;

/// <summary>Which version was the newest at which time, noted while somebody wants the past to be shown.</summary>
sealed class CacheLag(Store store, TimeProvider time)
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    readonly Lock _gate = new();
    readonly List<(DateTimeOffset At, long Version)> _notes = [];
    DateTimeOffset _until;

    /// <summary>Takes notes until some time.</summary>
    public void Follow(DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_until <= time.GetUtcNow())
            {
                _notes.Clear();
                _ = Task.Run(NoteAsync);
            }

            _notes.Add((time.GetUtcNow(), store.ResourceVersion));
            _until = until > _until ? until : _until;
        }
    }

    /// <summary>The version that a cache shows which is so far behind. It stands still at first: a cache that falls behind does not go back.</summary>
    public long VersionOf(TimeSpan behind)
    {
        lock (_gate)
        {
            var then = time.GetUtcNow() - behind;
            var note = _notes.FindLast(note => note.At <= then);
            return note != default ? note.Version : _notes.Count > 0 ? _notes[0].Version : store.ResourceVersion;
        }
    }

    async Task NoteAsync()
    {
        while (true)
        {
            await Task.Delay(Step, time);
            lock (_gate)
            {
                var now = time.GetUtcNow();
                if (now >= _until)
                {
                    return;
                }

                if (_notes[^1].Version != store.ResourceVersion)
                {
                    _notes.Add((now, store.ResourceVersion));
                }
            }
        }
    }
}
