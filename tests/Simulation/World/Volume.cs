namespace Slotwise.Simulation.World;

/// <summary>A file system that outlives the processes that write to it: a claim's volume, or a pod's emptyDir. Contents belong to whoever writes them.</summary>
public sealed class Volume(string name)
{
    readonly SortedDictionary<string, object> _files = new(StringComparer.Ordinal);
    bool _isFull;
    bool _hasReserve;
    bool _hasReleased;

    public string Name => name;

    /// <summary>Who has locked it; null when nobody has.</summary>
    public object? Holder { get; private set; }

    /// <summary>Whether there is no room on it, but for what its reserve leaves to small files. Whoever fills it takes that, too.</summary>
    public bool IsFull
    {
        get => _isFull;
        set => (_isFull, _hasReleased) = (value, false);
    }

    /// <summary>False while another has it.</summary>
    public bool TryLock(object holder)
    {
        Holder ??= holder;
        return Holder == holder;
    }

    /// <summary>What its process does with its end.</summary>
    public void Unlock(object holder)
    {
        if (Holder == holder)
        {
            Holder = null;
        }
    }

    /// <summary>What reserve.sh does: the reserve of a volume that is full is given up.</summary>
    public void ReleaseReserve()
    {
        if (IsFull)
        {
            _hasReleased |= _hasReserve;
            _hasReserve = false;
        }
    }

    /// <summary>One that is not gets one.</summary>
    public void MakeReserve() => _hasReserve |= !IsFull;

    public object? Read(string file) => _files.GetValueOrDefault(file);

    /// <summary>False on a full volume, as the writer finds out.</summary>
    public bool TryWrite(string file, object content)
    {
        if (IsFull && !_hasReleased)
        {
            return false;
        }

        _files[file] = content;
        return true;
    }

    public void Delete(string file) => _files.Remove(file);

    public void Rename(string file, string to)
    {
        if (_files.Remove(file, out var content))
        {
            _files[to] = content;
        }
    }

    public void Erase() => _files.Clear();
}
