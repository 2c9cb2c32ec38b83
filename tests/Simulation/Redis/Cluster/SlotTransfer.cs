using Slotwise.Redis;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>
/// Slots that one server gives to another by itself, all at once: a copy of their keys, then what is written meanwhile, then for a moment no writes, in which the
/// other one takes them. It keeps the keys aside until then, so nothing is left of a transfer that fails. Jobs of Valkey 9 and tasks of Redis 8.4 alike.
/// </summary>
sealed class SlotTransfer
{
    /// <summary>How long writes may be held back for the slots to change hands.</summary>
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);

    readonly Wire _toTarget;
    readonly Wire _toSource;
    readonly List<WriteOperation> _unsent = [];
    bool _isStreaming;
    Keyspace _staged = Keyspace.Empty;

    public SlotTransfer(ServerProcess source, ServerProcess target, TransferRecord sourceRecord, TransferRecord targetRecord)
    {
        Source = source;
        Target = target;
        SourceRecord = sourceRecord;
        TargetRecord = targetRecord;
        _toTarget = source.World.NewWire(source.Address, target.Address);
        _toSource = source.World.NewWire(target.Address, source.Address);
    }

    public ServerProcess Source { get; }

    public ServerProcess Target { get; }

    public TransferRecord SourceRecord { get; }

    public TransferRecord TargetRecord { get; }

    SlotSet Slots => SourceRecord.Slots;

    /// <summary>At the source: the copy is made, and takes its time.</summary>
    public void Begin()
    {
        SourceRecord.Enter(TransferState.Copying, Source.Now);
        var keys = Source.Data.Keys.All.Where(entry => Slots.Contains(SlotHash.Of(entry.Key))).ToList();
        _isStreaming = true;
        var duration = Source.World.SyncMinimum + TimeSpan.FromSeconds(keys.Sum(entry => Keyspace.SizeOf(entry.Key, entry.Value)) / Source.World.SyncBytesPerSecond);
        Source.After(duration, () => Send(() =>
        {
            foreach (var (key, value) in keys)
            {
                _staged = _staged.Set(key, value);
            }

            TargetRecord.Enter(TransferState.Streaming, Target.Now);
            _toSource.Send(() => Source.Receive(HandOver));
        }));
        Source.After(TimeSpan.FromSeconds(Source.Config.ReplicationTimeout) + duration, () => Fail("Timed out"));
    }

    /// <summary>At the source: something was written meanwhile.</summary>
    public void Follow(WriteOperation operation)
    {
        if (_isStreaming && SourceRecord.IsRunning && operation.Kind is WriteKind.Set or WriteKind.Delete && Slots.Contains(SlotHash.Of(operation.Key)))
        {
            _unsent.Add(operation);
        }
    }

    /// <summary>Ends it on both sides, as far as they reach each other.</summary>
    public void Fail(string message)
    {
        End(SourceRecord, Source, TransferState.Failed, message);
        _toTarget.Send(() => Target.Receive(() => End(TargetRecord, Target, TransferState.Failed, message)));
    }

    /// <summary>Ends the target's side first.</summary>
    public void FailAtTarget(string message)
    {
        End(TargetRecord, Target, TransferState.Failed, message);
        _toSource.Send(() => Source.Receive(() => End(SourceRecord, Source, TransferState.Failed, message)));
    }

    /// <summary>Somebody told one of the two to stop.</summary>
    public void Cancel(bool atTarget)
    {
        var (record, process) = atTarget ? (TargetRecord, Target) : (SourceRecord, Source);
        var (otherRecord, other) = atTarget ? (SourceRecord, Source) : (TargetRecord, Target);
        End(record, process, TransferState.Cancelled, "");
        (atTarget ? _toSource : _toTarget).Send(() => other.Receive(() => End(otherRecord, other, TransferState.Failed, "The other side cancelled it")));
    }

    /// <summary>One of the two has ended: the other one finds out.</summary>
    public void LoseProcess(ServerProcess ended)
    {
        if (ended == Source)
        {
            _toTarget.Send(() => Target.Receive(() => End(TargetRecord, Target, TransferState.Failed, "Connection lost to source")));
        }
        else
        {
            _toSource.Send(() => Source.Receive(() => End(SourceRecord, Source, TransferState.Failed, "Connection lost to target")));
        }
    }

    /// <summary>At the source: it holds writes back and says what was written until then.</summary>
    void HandOver()
    {
        if (!SourceRecord.IsRunning)
        {
            return;
        }

        if (!Source.Cluster.Myself.IsMaster || !Slots.IsSubsetOf(Source.Cluster.Myself.Slots))
        {
            Fail("The slots are not owned any more");
            return;
        }

        SourceRecord.Enter(TransferState.HandsOver, Source.Now);
        Source.Data.PauseWrites(MaxPause);
        var until = Source.Now + MaxPause;
        Source.After(MaxPause, () => Fail("Timed out while writes were held back"));
        Send(() =>
        {
            foreach (var operation in _unsent)
            {
                _staged = operation.ApplyTo(_staged);
            }

            Take(until);
        });
    }

    /// <summary>At the target: the slots are its own from now on, and everybody is told.</summary>
    void Take(TimeSpan until)
    {
        if (Target.Now >= until || !Target.Cluster.Myself.IsMaster)
        {
            FailAtTarget("The target cannot take the slots");
            return;
        }

        foreach (var (key, value) in _staged.All)
        {
            Target.Data.Write(new WriteOperation(WriteKind.Set, key, value));
        }

        Target.Cluster.TakeSlots(Slots);
        End(TargetRecord, Target, TransferState.Done, "");
        _toSource.Send(() => Source.Receive(GiveUp));
    }

    /// <summary>At the source: the slots are gone, and so are their keys.</summary>
    void GiveUp()
    {
        if (SourceRecord.IsRunning)
        {
            Source.Cluster.GiveSlots(Slots, Target.Cluster.Myself.Id);
            Source.Data.DeleteLost(Slots.Except(Source.Cluster.Myself.Slots));
            End(SourceRecord, Source, TransferState.Done, "");
        }
    }

    void Send(Action take) => _toTarget.Send(() => Target.Receive(() =>
    {
        if (TargetRecord.IsRunning && Target.IsRunning)
        {
            take();
        }
    }));

    void End(TransferRecord record, ServerProcess process, TransferState state, string message)
    {
        if (!record.IsRunning)
        {
            return;
        }

        var heldBack = record.State == TransferState.HandsOver;
        record.Message = message;
        record.Enter(state, process.Now);
        process.Trace($"{(record.IsExport ? "giving" : "taking")} {Slots.Count} slots: {record.State} {message}");
        if (heldBack)
        {
            process.Data.ResumeWrites();
        }

        process.Cluster.TransferEnded(record);
    }
}

/// <summary>What one side says of a transfer.</summary>
sealed class TransferRecord(NodeId name, bool isExport, SlotSet slots, NodeId source, NodeId target, TimeSpan createdAt)
{
    public NodeId Name => name;

    /// <summary>Whether this side gives.</summary>
    public bool IsExport => isExport;

    public SlotSet Slots => slots;

    public NodeId Source => source;

    public NodeId Target => target;

    public TimeSpan CreatedAt { get; } = createdAt;

    public TimeSpan UpdatedAt { get; private set; } = createdAt;

    public TransferState State { get; private set; }

    public string Message { get; set; } = "";

    /// <summary>How often it was begun again.</summary>
    public int Retries { get; set; }

    public SlotTransfer? Transfer { get; set; }

    public bool IsRunning => State < TransferState.Done;

    public void Enter(TransferState state, TimeSpan now)
    {
        State = state;
        UpdatedAt = now;
    }
}

enum TransferState
{
    Connecting,
    Copying,
    Streaming,
    HandsOver,
    Done,
    Failed,
    Cancelled,
}
