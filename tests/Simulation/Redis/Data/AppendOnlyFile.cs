using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Redis.Data;

/// <summary>
/// An append-only file with appendfsync everysec: what was written outlives the process, and what is at least a second old the host, too.
/// </summary>
public sealed class AppendOnlyFile
{
    /// <summary>Its name on the volume.</summary>
    public const string Name = "appendonlydir";

    static readonly TimeSpan SyncInterval = TimeSpan.FromSeconds(1);

    TimeSpan _syncedAt = TimeSpan.MinValue;
    Keyspace _synced = Keyspace.Empty;

    /// <summary>When it was last written to.</summary>
    public TimeSpan WrittenAt { get; private set; }

    /// <summary>What a server that reads it has then.</summary>
    public Keyspace Keys { get; private set; } = Keyspace.Empty;

    /// <summary>What a volume has; null where it has none.</summary>
    public static AppendOnlyFile? Read(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return volume.Read(Name) as AppendOnlyFile;
    }

    internal void Write(Keyspace keys, TimeSpan now)
    {
        if (now - SyncInterval >= _syncedAt)
        {
            _synced = Keys;
            _syncedAt = now;
        }

        Keys = keys;
        WrittenAt = now;
    }

    internal void Rewrite(Keyspace keys, TimeSpan now)
    {
        Keys = keys;
        _synced = keys;
        _syncedAt = now;
        WrittenAt = now;
    }

    internal void LosePower()
    {
        Keys = _synced;
        WrittenAt = _syncedAt > TimeSpan.MinValue ? _syncedAt : TimeSpan.Zero;
    }
}
