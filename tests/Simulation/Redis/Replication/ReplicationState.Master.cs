using Slotwise.Simulation.Redis.Data;

namespace Slotwise.Simulation.Redis.Replication;

/// <summary>The side of a master: who follows it, and what it sends them.</summary>
sealed partial class ReplicationState
{
    /// <summary>A write of a master, after it has taken effect.</summary>
    public void Append(WriteOperation operation)
    {
        History.Append(operation);
        Applied = History.End;
        Forward();
    }

    /// <summary>At the master: somebody wants to follow, from an offset of a history on, or afresh.</summary>
    public void Accept(ReplicationLink link, History? history, long offset)
    {
        if (!IsOff && !IsLinkUp)
        {
            // NOMASTERLINK Can't SYNC while not connected with my master
            link.CloseAtMaster();
            return;
        }

        if (_server.Data.IsLoading)
        {
            link.CloseAtMaster();
            return;
        }

        _replicas.Add(link);
        link.AcknowledgedAt = _server.Seconds;
        if (history is not null && HasBacklog && offset >= _backlogStart && offset <= Applied
            && (history == History || (history == _earlier && offset <= _earlierUpTo)))
        {
            link.Stage = ReplicaStage.Online;
            link.Sent = offset;
            link.Acknowledged = offset;
            var current = History;
            link.Tell(replica => replica.Continue(link, current));
            link.Pump(History, Applied);
            return;
        }

        link.Stage = ReplicaStage.WaitsForSnapshot;
        link.Tell(replica => replica.BeginCopy(link));
        if (!HasBacklog)
        {
            _earlier = null;
            StartHistory();
            _backlogStart = Applied;
        }

        _server.After(_server.Config.SyncDelay, () => SendSnapshot(link));
    }

    /// <summary>At the master: how much a replica has.</summary>
    public void HearAcknowledgement(ReplicationLink link, long offset)
    {
        link.Acknowledged = Math.Max(link.Acknowledged, offset);
        link.AcknowledgedAt = _server.Seconds;
        if (link.Stage == ReplicaStage.SendsSnapshot)
        {
            link.Stage = ReplicaStage.Online;
            link.Pump(History, Applied);
        }

        _server.Data.ReplicaAdvanced();
    }

    /// <summary>At the master: replicas are to say at once how much they have (REPLCONF GETACK).</summary>
    public void AskForAcknowledgements()
    {
        foreach (var link in _replicas)
        {
            link.Tell(replica =>
            {
                var offset = replica.Applied;
                link.Ask(master => master.HearAcknowledgement(link, offset));
            });
        }
    }

    public void LoseReplica(ReplicationLink link)
    {
        link.CloseAtMaster();
        _replicas.Remove(link);
    }

    public void DropReplicas()
    {
        foreach (var link in _replicas)
        {
            link.CloseAtMaster();
        }

        _replicas.Clear();
    }

    void StartHistory() => History = new History(_server.RandomId().ToString(), _server.Data.Keys, History, Applied);

    void Forward()
    {
        TrimBacklog();
        foreach (var link in _replicas)
        {
            link.Pump(History, Applied);
        }
    }

    void TrimBacklog()
    {
        if (_backlogStart is { } start)
        {
            _backlogStart = Math.Max(start, Applied - _server.Config.BacklogSize);
        }
    }

    void Admit(ReplicationLink link, ReplicationState replica, string user, string password)
    {
        if (_server.Users is { } users && (users.GetValueOrDefault(user.Length > 0 ? user : "default") is not { } known || (known.Length > 0 && known != password)))
        {
            link.CloseAtMaster();
            return;
        }

        var history = replica._isOffsetKnown ? replica.History : null;
        Accept(link, history, replica.Applied);
    }

    void SendSnapshot(ReplicationLink link)
    {
        if (!link.IsOpenAtMaster || link.Stage != ReplicaStage.WaitsForSnapshot)
        {
            return;
        }

        var (keys, history, offset) = (_server.Data.Keys, History, Applied);
        var open = _server.Profile.ReplicatesSetSlot ? _server.Cluster.CopyOpenSlots() : ([], []);
        link.Stage = ReplicaStage.SendsSnapshot;
        link.Sent = offset;
        var duration = _server.World.SyncMinimum + TimeSpan.FromSeconds(keys.Bytes / _server.World.SyncBytesPerSecond);
        _server.After(duration, () => link.Tell(replica => replica.TakeCopy(link, keys, history, offset, () => replica._server.Cluster.TakeOpenSlots(open))));
    }
}
