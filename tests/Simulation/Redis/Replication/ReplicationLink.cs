using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Replication;

/// <summary>A connection over which a replica follows a master, from both sides.</summary>
sealed class ReplicationLink(ServerProcess master, ServerProcess replica)
{
    readonly Wire _toReplica = master.World.NewWire(master.Address, replica.Address);
    readonly Wire _toMaster = master.World.NewWire(replica.Address, master.Address);
    bool _isInFlight;

    public ServerProcess Master => master;

    public ServerProcess Replica => replica;

    public ReplicaStage Stage { get; set; }

    /// <summary>Whether the master still has its end.</summary>
    public bool IsOpenAtMaster { get; private set; } = true;

    /// <summary>Whether the replica still has its end.</summary>
    public bool IsOpenAtReplica { get; private set; } = true;

    /// <summary>How much of the stream has left.</summary>
    public long Sent { get; set; }

    /// <summary>How much the replica says to have.</summary>
    public long Acknowledged { get; set; }

    /// <summary>When it last said so, in seconds.</summary>
    public long AcknowledgedAt { get; set; }

    /// <summary>Something that the master says; taken by the replica as soon as it can.</summary>
    public void Tell(Action<ReplicationState> what) => _toReplica.Send(() => Arrive(what));

    /// <summary>Something that the replica says.</summary>
    public void Ask(Action<ReplicationState> what) => _toMaster.Send(() =>
    {
        if (IsOpenAtMaster && master.IsRunning)
        {
            master.Receive(() => what(master.Replication));
        }
        else
        {
            // Nobody has the other end any more.
            master.World.Answer(master.Address, replica.Address, Reset);
        }
    });

    /// <summary>Sends what the replica has not been sent yet; what is written while that is under way follows it.</summary>
    public void Pump(History history, long upTo)
    {
        if (_isInFlight || Stage != ReplicaStage.Online || Sent >= upTo || !IsOpenAtMaster)
        {
            return;
        }

        _isInFlight = true;
        var after = Sent;
        Sent = upTo;
        _toReplica.Send(() =>
        {
            _isInFlight = false;
            Arrive(replication => replication.Take(this, history, after, upTo));
            if (IsOpenAtMaster && master.IsRunning)
            {
                Pump(master.Replication.History, master.Replication.Offset);
            }
        });
    }

    public void CloseAtMaster()
    {
        if (IsOpenAtMaster)
        {
            IsOpenAtMaster = false;
            _toReplica.Send(Reset);
            _toReplica.Close();
        }
    }

    public void CloseAtReplica()
    {
        if (IsOpenAtReplica)
        {
            IsOpenAtReplica = false;
            _toMaster.Send(() => master.Receive(() => master.Replication.LoseReplica(this)));
            _toMaster.Close();
        }
    }

    void Arrive(Action<ReplicationState> what)
    {
        if (IsOpenAtReplica)
        {
            replica.Receive(() =>
            {
                if (IsOpenAtReplica)
                {
                    what(replica.Replication);
                }
            });
        }
    }

    void Reset() => replica.Receive(() => replica.Replication.LoseMaster(this));
}

/// <summary>How far a replica is, for its master.</summary>
enum ReplicaStage
{
    WaitsForSnapshot,
    SendsSnapshot,
    Online,
}
