using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>
/// How a replica takes its master's place: clusterHandleSlaveFailover, clusterSendFailoverAuthIfNeeded and manual failover. On Redis the votes and the epoch of
/// an election stay as they are until the next one is scheduled, so a second one soon after goes by the old votes.
/// </summary>
sealed partial class ClusterMember
{
    /// <summary>A master holds writes back for at most this many times the manual failover's own time-out.</summary>
    const int PauseFactor = 2;

    static readonly TimeSpan LeastVoteTimeout = TimeSpan.FromSeconds(2);
    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan DelayPerRank = TimeSpan.FromSeconds(1);

    TimeSpan? _electionAt;
    bool _hasAskedForVotes;
    int _votes;
    int _rank;
    long _electionEpoch;

    TimeSpan? _manualEnd;
    bool _canManualStart;
    long? _manualOffset;
    KnownNode? _manualReplica;

    /// <summary>What became of elections in which this process stood, for those who watch.</summary>
    public List<ElectionRecord> Elections { get; } = [];

    void HandleReplicaFailover()
    {
        _todo &= ~Todo.HandleFailover;
        var isManual = _manualEnd is not null && _canManualStart;
        var timeout = NodeTimeout * 2 > LeastVoteTimeout ? NodeTimeout * 2 : LeastVoteTimeout;
        if (Myself.IsMaster || Myself.Master is not { } master
            || (!isManual && (!master.HasFailed || _server.Config.ForbidsFailover))
            || (master.Slots.IsEmpty && !_server.Profile.IsValkey)
            || (!isManual && IsTooOld()))
        {
            return;
        }

        var age = _electionAt is { } at ? Now - at : TimeSpan.MaxValue;
        if (age > timeout * 2)
        {
            Schedule();
            return;
        }

        if (!_hasAskedForVotes && _manualEnd is null)
        {
            var rank = Rank();
            if (_server.Profile.IsValkey ? rank != _rank : rank > _rank)
            {
                _electionAt += DelayPerRank * (rank - _rank);
                _rank = rank;
            }
        }

        if (Now < _electionAt || age > timeout)
        {
            return;
        }

        if (!_hasAskedForVotes)
        {
            _electionEpoch = ++CurrentEpoch;
            Broadcast(Build(BusMessageKind.AuthRequest) with { ForcesVote = _manualEnd is not null });
            _hasAskedForVotes = true;
            Elections.Add(new ElectionRecord(Now, _electionEpoch, isManual));
            Note(Todo.SaveConfig | Todo.UpdateState);
            return;
        }

        if (_votes >= Quorum)
        {
            Myself.ConfigEpoch = Math.Max(Myself.ConfigEpoch, _electionEpoch);
            Trace("is elected in place of", master);
            ReplaceMaster();
        }
    }

    void Schedule()
    {
        _electionAt = Now + FirstDelay + TimeSpan.FromMilliseconds(_server.Random.Next(500));
        _votes = 0;
        _hasAskedForVotes = false;
        _rank = Rank();
        _electionAt += DelayPerRank * _rank;
        if (_manualEnd is not null)
        {
            _electionAt = Now;
            _rank = 0;
            Note(Todo.HandleFailover);
        }

        BroadcastPong(toSiblingsOnly: true);
    }

    /// <summary>Whether the data are older than cluster-replica-validity-factor allows.</summary>
    bool IsTooOld()
    {
        var age = TimeSpan.FromSeconds(_server.Replication.SecondsSinceMaster);
        age = age > NodeTimeout ? age - NodeTimeout : age;
        return _server.Config.ValidityFactor > 0
            && age > TimeSpan.FromSeconds(_server.Config.ReplicaPingPeriod) + (NodeTimeout * _server.Config.ValidityFactor);
    }

    /// <summary>How many siblings have more data.</summary>
    int Rank()
    {
        var mine = _server.Replication.Offset;
        var rank = 0;
        foreach (var sibling in Myself.Master!.Replicas)
        {
            if (sibling != Myself && !sibling.Has(NodeFlags.NoFailover) && sibling.Offset > mine)
            {
                rank++;
            }
        }

        return rank;
    }

    /// <summary>clusterFailoverReplaceYourMaster</summary>
    void ReplaceMaster()
    {
        if (Myself.IsMaster || Myself.Master is not { } old)
        {
            return;
        }

        SetAsMaster(Myself);
        _server.Replication.Unfollow();
        Bind(Myself, old.Slots);
        UpdateState();
        SaveConfig();
        BroadcastPong(toSiblingsOnly: false);
        ResetManualFailover();
    }

    void VoteIfAllowed(KnownNode candidate, BusMessage request)
    {
        if (Myself.IsReplica || Myself.Slots.IsEmpty
            || request.CurrentEpoch < CurrentEpoch
            || LastVoteEpoch == CurrentEpoch
            || candidate.IsMaster || candidate.Master is not { } master
            || (!master.HasFailed && !request.ForcesVote)
            || (master.VotedAt is { } voted && Now - voted < NodeTimeout * 2 && !(request.ForcesVote && _server.Profile.VotesAgainForManual)))
        {
            return;
        }

        foreach (var node in _nodes)
        {
            if (node.ConfigEpoch > request.ConfigEpoch && node.Slots.Overlaps(request.Slots) && !node.Slots.Intersect(request.Slots).Except(_unclaimed).IsEmpty)
            {
                return;
            }
        }

        LastVoteEpoch = CurrentEpoch;
        master.VotedAt = Now;
        Note(Todo.SaveConfig);
        candidate.Link?.Send(Build(BusMessageKind.AuthAck));
        Trace("votes for", candidate);
    }

    /// <summary>MFSTART: one of my replicas is to take over; it is told the offset at which writes were held back.</summary>
    void PauseForFailover(KnownNode replica, BusLink link)
    {
        ResetManualFailover();
        _manualEnd = Now + ManualTimeout;
        _manualReplica = replica;
        _server.Data.PauseWrites(ManualTimeout * PauseFactor);
        SendPing(link, BusMessageKind.Ping);
    }

    void HandleManualFailover()
    {
        if (_manualEnd is null || _canManualStart || _manualOffset is not { } offset)
        {
            return;
        }

        if (offset == _server.Replication.Offset)
        {
            _canManualStart = true;
            Note(Todo.HandleFailover);
        }
    }

    /// <summary>The replica has taken in more of its master's stream.</summary>
    public void OffsetChanged()
    {
        if (_manualEnd is not null)
        {
            Note(Todo.HandleManualFailover);
        }
    }

    void ResetManualFailover()
    {
        if (_manualReplica is not null)
        {
            _server.Data.ResumeWrites();
        }

        _manualEnd = null;
        _canManualStart = false;
        _manualReplica = null;
        _manualOffset = null;
    }

    /// <summary>Whether a manual failover holds writes back.</summary>
    public bool IsPausedForFailover => Myself.IsMaster && _manualEnd is not null;
}

/// <summary>An election in which a process stood.</summary>
/// <param name="At">When it asked for votes.</param>
/// <param name="Epoch">For which epoch.</param>
/// <param name="IsManual">Whether it was told to.</param>
public sealed record ElectionRecord(TimeSpan At, long Epoch, bool IsManual);
