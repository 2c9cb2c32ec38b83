using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Data;

namespace Slotwise.Simulation.Redis.Server;

/// <summary>What a server holds, whether it has read it yet, and whether it may be written to.</summary>
sealed class ServerData(ServerProcess server)
{
    readonly List<Action> _whenLoaded = [];
    readonly List<Action> _whenWritable = [];
    readonly List<Func<bool>> _whenReplicated = [];
    AppendOnlyFile? _file;
    TimeSpan? _pausedUntil;
    Appointment? _pauseEnd;

    public Keyspace Keys { get; private set; } = Keyspace.Empty;

    /// <summary>Whether it reads its data set and answers LOADING.</summary>
    public bool IsLoading { get; private set; }

    /// <summary>Whether the append-only file cannot be written.</summary>
    public bool IsAppendBroken => _file is not null && server.Setup.Volume.IsFull;

    /// <summary>Whether keys of slots that it had lost were deleted here and not on the replicas: then it holds less than its history says.</summary>
    public bool LacksLostKeys { get; private set; }

    public bool ArePaused => _pausedUntil is { } until && server.Now < until;

    /// <summary>What it finds on its volume at its start.</summary>
    public void Load()
    {
        if (!server.Config.AppendsOnly)
        {
            server.Cluster.VerifyWithData(SlotSet.Empty);
            return;
        }

        _file = AppendOnlyFile.Read(server.Setup.Volume);
        if (_file is null)
        {
            _file = new AppendOnlyFile();
            if (!server.Setup.Volume.TryWrite(AppendOnlyFile.Name, _file))
            {
                server.Fail("Fatal: can't open the append-only file");
                return;
            }

            return;
        }

        var keys = _file.Keys;
        IsLoading = true;
        server.After(server.World.LoadMinimum + TimeSpan.FromSeconds(keys.Bytes / server.World.LoadBytesPerSecond), () =>
        {
            Keys = keys;
            server.Replication.Restart(keys);
            EndLoading();
            server.Cluster.VerifyWithData(keys.Slots);
        });
    }

    /// <summary>A full copy: what was here is gone at once, and while the copy is read it answers LOADING.</summary>
    public void ReadCopy(Keyspace keys, Action done)
    {
        IsLoading = true;
        Keys = Keyspace.Empty;
        server.After(TimeSpan.FromSeconds(keys.Bytes / server.World.LoadBytesPerSecond), () =>
        {
            Keys = keys;
            LacksLostKeys = false;
            _file?.Rewrite(keys, server.Now);
            done();
            EndLoading();
        });
    }

    public void WhenLoaded(Action action) => _whenLoaded.Add(action);

    /// <summary>A write of a master.</summary>
    public void Write(WriteOperation operation)
    {
        Become(operation.ApplyTo(Keys));
        server.Replication.Append(operation);
        server.Cluster.FollowWrite(operation);
    }

    /// <summary>What it holds from now on.</summary>
    public void Become(Keyspace keys)
    {
        if (keys != Keys)
        {
            Keys = keys;
            _file?.Write(keys, server.Now);
        }
    }

    /// <summary>A reset replica is emptied.</summary>
    public void Clear() => Become(Keyspace.Empty);

    /// <summary>Keys of slots that were lost to a newer epoch are deleted.</summary>
    public void DeleteLost(SlotSet slots)
    {
        var lost = Keys.All.Where(entry => slots.Contains(SlotHash.Of(entry.Key))).Select(entry => entry.Key).ToList();
        if (lost.Count == 0)
        {
            return;
        }

        server.Trace($"deletes {lost.Count} keys of slots that it lost");

        foreach (var key in lost)
        {
            if (server.Profile.ReplicatesLostKeys)
            {
                Write(new WriteOperation(WriteKind.Delete, key));
            }
            else
            {
                LacksLostKeys = true;
                Become(Keys.Remove(key));
            }
        }
    }

    /// <summary>Holds writes of clients back, for at most so long.</summary>
    public void PauseWrites(TimeSpan duration)
    {
        _pausedUntil = server.Now + duration;
        _pauseEnd?.Cancel();
        _pauseEnd = server.After(duration, ResumeWrites);
    }

    public void ResumeWrites()
    {
        _pausedUntil = null;
        _pauseEnd?.Cancel();
        Run(_whenWritable);
    }

    public void WhenWritable(Action action) => _whenWritable.Add(action);

    /// <summary>Has something tried again whenever a replica has got further; it answers whether it is done.</summary>
    public void WhenReplicated(Func<bool> tryGoOn) => _whenReplicated.Add(tryGoOn);

    public void ReplicaAdvanced() => _whenReplicated.RemoveAll(tryGoOn => tryGoOn());

    public void LosePower() => _file?.LosePower();

    void EndLoading()
    {
        IsLoading = false;
        Run(_whenLoaded);
    }

    static void Run(List<Action> actions)
    {
        List<Action> all = [.. actions];
        actions.Clear();
        foreach (var action in all)
        {
            action();
        }
    }
}
