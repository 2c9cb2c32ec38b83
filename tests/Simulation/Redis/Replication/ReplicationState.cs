using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Replication;

/// <summary>
/// Whom a server follows and who follows it, with what was copied: replication.c. A replication id and an offset say which history a server has and how much
/// of it; a second id says which one it had before.
/// </summary>
sealed partial class ReplicationState
{
    readonly ServerProcess _server;
    readonly List<ReplicationLink> _replicas = [];
    ReplicationLink? _master;
    History? _earlier;
    long _earlierUpTo;
    bool _isOffsetKnown;
    long? _backlogStart;
    long? _downSince;
    long _lastHeard;
    long _cronRuns;
    int _attempt;

    public ReplicationState(ServerProcess server)
    {
        _server = server;
        History = new History(server.RandomId().ToString(), Keyspace.Empty, null, 0);
        server.After(TimeSpan.FromSeconds(server.Random.NextDouble()), RunCron);
    }

    public string? MasterIp { get; private set; }

    public int MasterPort { get; private set; }

    public FollowStage Stage { get; private set; }

    /// <summary>Whether it follows nobody.</summary>
    public bool IsOff => MasterIp is null;

    public bool IsLinkUp => Stage == FollowStage.Connected;

    public bool IsCopying => Stage == FollowStage.Copying;

    /// <summary>The history whose writes it has, up to <see cref="Applied"/>.</summary>
    public History History { get; private set; }

    /// <summary>How much of the history it has, in bytes.</summary>
    public long Applied { get; private set; }

    /// <summary>What it tells others: a replica that begins a full copy knows nothing of an offset until that is over.</summary>
    public long Offset => IsOff || IsLinkUp || _isOffsetKnown ? Applied : 0;

    public IReadOnlyList<ReplicationLink> Replicas => _replicas;

    /// <summary>The process that it follows, while connected.</summary>
    public ServerProcess? Master => IsLinkUp ? _master?.Master : null;

    public long BacklogStart => _backlogStart ?? Applied;

    public bool HasBacklog => _backlogStart is not null;

    public History? Earlier => _earlier;

    public long EarlierUpTo => _earlierUpTo;

    /// <summary>For how long, in seconds, it has not been in touch with its master; very long if it never was in this process's life.</summary>
    public long SecondsSinceMaster => IsLinkUp ? _server.Seconds - _lastHeard : _downSince is { } since ? _server.Seconds - since : int.MaxValue;

    public long LastHeardSecondsAgo => IsLinkUp ? _server.Seconds - _lastHeard : -1;

    public long? DownSeconds => IsLinkUp ? null : _downSince is { } since ? _server.Seconds - since : -1;

    /// <summary>Replicas that acknowledged not long ago: for min-replicas-to-write.</summary>
    public int GoodReplicas => _replicas.Count(link => link.Stage == ReplicaStage.Online && _server.Seconds - link.AcknowledgedAt <= _server.Config.MinReplicasMaxLag);

    /// <summary>replicationSetMaster</summary>
    public void Follow(string ip, int port)
    {
        var wasMaster = IsOff;
        MasterIp = null;
        DropMaster();
        MasterIp = ip;
        MasterPort = port;
        if (wasMaster)
        {
            _isOffsetKnown = true;
        }

        Stage = FollowStage.Connect;
        Connect();
    }

    /// <summary>replicationUnsetMaster</summary>
    public void Unfollow()
    {
        if (IsOff)
        {
            return;
        }

        MasterIp = null;
        DropMaster();
        _isOffsetKnown = false;
        _earlier = History;
        _earlierUpTo = Applied;
        StartHistory();
        DropReplicas();
        Stage = FollowStage.None;
        _downSince = null;
    }

    /// <summary>The process has read what it holds from its own disk: the beginning of a history of its own.</summary>
    public void Restart(Keyspace keys) => History = new History(History.Id, keys, null, Applied);

    /// <summary>The process ends.</summary>
    public void CloseLinks()
    {
        _master?.CloseAtReplica();
        foreach (var link in _replicas)
        {
            link.CloseAtMaster();
        }
    }

    /// <summary>At the replica: writes of the master.</summary>
    public void Take(ReplicationLink link, History history, long after, long upTo)
    {
        if (link != _master || !IsLinkUp || after > Applied)
        {
            return;
        }

        var keys = _server.Data.Keys;
        foreach (var (_, operation) in history.Between(Applied, upTo))
        {
            keys = operation.ApplyTo(keys);
            if (operation.Kind == WriteKind.SlotChange)
            {
                var (slot, action, node) = operation.SlotChange;
                _server.Cluster.ApplyReplicated(slot, action, node);
            }
        }

        _server.Data.Become(keys);
        History = history;
        Applied = Math.Max(Applied, upTo);
        _lastHeard = _server.Seconds;
        TrimBacklog();
        Forward();
        _server.Cluster.OffsetChanged();
    }

    /// <summary>At the replica: the connection is gone.</summary>
    public void LoseMaster(ReplicationLink link)
    {
        if (link != _master)
        {
            return;
        }

        if (_server.Data.IsLoading)
        {
            // Found out when the copy has been read.
            _server.Data.WhenLoaded(() => LoseMaster(link));
            return;
        }

        var wasConnected = IsLinkUp;
        link.CloseAtReplica();
        _master = null;
        Stage = FollowStage.Connect;
        if (wasConnected)
        {
            _downSince = _server.Seconds;
            _isOffsetKnown = true;
            if (!IsOff)
            {
                Connect();
            }
        }
    }

    void DropMaster()
    {
        if (_master is { } link)
        {
            if (IsLinkUp)
            {
                _downSince = _server.Seconds;
                _isOffsetKnown = true;
            }

            link.CloseAtReplica();
            _master = null;
        }

        _attempt++;
        Stage = IsOff ? FollowStage.None : FollowStage.Connect;
    }

    void Connect()
    {
        Stage = FollowStage.Connecting;
        var attempt = ++_attempt;
        _lastHeard = _server.Seconds;
        _server.World.Dial(_server.Address, MasterIp!, MasterPort, () => attempt == _attempt && _server.IsRunning, master =>
            _server.Receive(() =>
            {
                if (attempt != _attempt)
                {
                    return;
                }

                if (master is not { IsRunning: true } || master == _server)
                {
                    Stage = FollowStage.Connect;
                    return;
                }

                Greet(new ReplicationLink(master, _server));
            }));
    }

    /// <summary>PING, AUTH and REPLCONF take two more round trips; then PSYNC.</summary>
    void Greet(ReplicationLink link)
    {
        _master = link;
        var user = _server.Config.Find("masteruser");
        var password = _server.Config.Find("masterauth");
        link.Ask(master => link.Tell(replica => link.Ask(_ => master.Admit(link, replica, user, password))));
    }

    /// <summary>+CONTINUE</summary>
    void Continue(ReplicationLink link, History history)
    {
        if (link != _master)
        {
            return;
        }

        if (History != history)
        {
            _earlier = History;
            _earlierUpTo = Applied;
            History = history;
            DropReplicas();
        }

        _backlogStart ??= Applied;
        Stage = FollowStage.Connected;
        _downSince = null;
        _lastHeard = _server.Seconds;
        _server.Trace("goes on following");
    }

    /// <summary>+FULLRESYNC</summary>
    void BeginCopy(ReplicationLink link)
    {
        if (link == _master)
        {
            _isOffsetKnown = false;
            _lastHeard = _server.Seconds;
            Stage = FollowStage.Copying;
        }
    }

    /// <summary>What the replica had is gone, and it reads the copy.</summary>
    void TakeCopy(ReplicationLink link, Keyspace keys, History history, long offset, Action takeOpenSlots)
    {
        if (link != _master || Stage != FollowStage.Copying)
        {
            return;
        }

        DropReplicas();
        _server.Trace("copies its master");
        _server.Data.ReadCopy(keys, () =>
        {
            History = history;
            Applied = offset;
            _earlier = null;
            _backlogStart = offset;
            takeOpenSlots();
            if (link != _master)
            {
                return;
            }

            Stage = FollowStage.Connected;
            _downSince = null;
            _lastHeard = _server.Seconds;
            link.Ask(master => master.HearAcknowledgement(link, offset));
        });
    }

    void RunCron()
    {
        Cron();
        if (_server.IsRunning)
        {
            _server.After(TimeSpan.FromSeconds(1), RunCron);
        }
    }

    void Cron()
    {
        if (!IsOff && Stage is not FollowStage.Connect && _server.Seconds - _lastHeard > _server.Config.ReplicationTimeout && !_server.Data.IsLoading)
        {
            if (IsLinkUp && _master is { } silent)
            {
                LoseMaster(silent);
            }
            else
            {
                DropMaster();
            }
        }

        if (Stage == FollowStage.Connect && !IsOff)
        {
            Connect();
        }

        if (IsLinkUp && _master is { } link)
        {
            var offset = Applied;
            link.Ask(master => master.HearAcknowledgement(link, offset));
        }

        if (_cronRuns++ % _server.Config.ReplicaPingPeriod == 0 && _replicas.Count > 0 && IsOff && !_server.Cluster.IsPausedForFailover)
        {
            Append(WriteOperation.Ping);
        }

        foreach (var quiet in _replicas.Where(replica => replica.Stage == ReplicaStage.Online && _server.Seconds - replica.AcknowledgedAt > _server.Config.ReplicationTimeout).ToList())
        {
            LoseReplica(quiet);
        }
    }
}

/// <summary>How far a replica is in following its master.</summary>
enum FollowStage
{
    None,
    Connect,
    Connecting,
    Copying,
    Connected,
}
