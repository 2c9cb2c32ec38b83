using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>What a server does about others by itself, ten times a second: clusterCron.</summary>
sealed partial class ClusterMember
{
    static readonly TimeSpan CronInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LeastHandshakeTimeout = TimeSpan.FromSeconds(1);

    long _cronRuns;

    void StartCron() => _server.After(CronInterval * _server.Random.NextDouble(), RunCron);

    void RunCron()
    {
        // A server that reads its data set runs no timers of the cluster.
        if (!_server.Data.IsLoading)
        {
            Cron();
        }

        if (_server.IsRunning)
        {
            _server.After(CronInterval, RunCron);
        }
    }

    void Cron()
    {
        _cronRuns++;
        Reconnect();
        if (_cronRuns % 10 == 0)
        {
            PingOldest();
        }

        var hasNewSuspect = WatchNodes();
        if (Myself is { IsReplica: true, Master: { HasAddress: true } master } && _server.Replication.IsOff)
        {
            _server.Replication.Follow(master.Ip, master.Port);
        }

        if (_manualEnd is { } end && end < Now)
        {
            ResetManualFailover();
        }

        if (Myself.IsReplica)
        {
            HandleManualFailover();
            HandleReplicaFailover();
        }

        if (hasNewSuspect || !IsOk)
        {
            UpdateState();
        }
    }

    void Reconnect()
    {
        var timeout = NodeTimeout > LeastHandshakeTimeout ? NodeTimeout : LeastHandshakeTimeout;
        for (var index = 0; index < _nodes.Count; index++)
        {
            var node = _nodes[index];
            if (node.Has(NodeFlags.Myself | NodeFlags.NoAddress))
            {
                continue;
            }

            if (node.IsInHandshake && Now - node.CreatedAt > timeout)
            {
                RemoveNode(node);
                index--;
                continue;
            }

            if (node.Link is null)
            {
                Connect(node);
            }
        }
    }

    void Connect(KnownNode node)
    {
        var link = new BusLink(_server, node, Now);
        node.Link = link;
        _server.World.Dial(_server.Address, node.Ip, node.BusPort, () => link.IsOpen && _server.IsRunning, peer =>
        {
            if (!link.IsOpen || !_server.IsRunning)
            {
                return;
            }

            // The bus port alone is the right one; whoever listens for clients closes at the first message.
            if (peer is null || peer.Setup.BusPort != node.BusPort || !peer.IsRunning)
            {
                _server.Receive(() => FreeLink(link));
                return;
            }

            var inbound = new BusLink(peer, null, Now);
            link.Connect(inbound, _server.World.NewWire(_server.Address, peer.Address));
            inbound.Connect(link, _server.World.NewWire(peer.Address, _server.Address));
            peer.Cluster._inbound.Add(inbound);
            _server.Receive(() => StartTalking(link, node));
        });
    }

    /// <summary>clusterLinkConnectHandler</summary>
    void StartTalking(BusLink link, KnownNode node)
    {
        if (!link.IsOpen)
        {
            return;
        }

        link.Flush();
        var pending = node.PingSent;
        SendPing(link, node.Has(NodeFlags.Meet) ? BusMessageKind.Meet : BusMessageKind.Ping);
        node.PingSent = pending ?? node.PingSent;
        node.Flags &= ~NodeFlags.Meet;
    }

    void PingOldest()
    {
        KnownNode? oldest = null;
        for (var draw = 0; draw < 5; draw++)
        {
            var node = _nodes[_server.Random.Next(_nodes.Count)];
            if (node.Link is null || node.PingSent is not null || node.Has(NodeFlags.Myself | NodeFlags.Handshake))
            {
                continue;
            }

            if (oldest is null || (oldest.PongReceived ?? TimeSpan.Zero) > (node.PongReceived ?? TimeSpan.Zero))
            {
                oldest = node;
            }
        }

        if (oldest is not null)
        {
            SendPing(oldest.Link!, BusMessageKind.Ping);
        }
    }

    /// <summary>Pings whom it has not heard for long, and suspects whom it still does not hear. True if somebody became suspect.</summary>
    bool WatchNodes()
    {
        var hasNewSuspect = false;
        var half = NodeTimeout / 2;
        foreach (var node in _nodes)
        {
            if (node.Has(NodeFlags.Myself | NodeFlags.NoAddress | NodeFlags.Handshake))
            {
                continue;
            }

            var pingDelay = Now - (node.PingSent ?? TimeSpan.MinValue / 2);
            var dataDelay = Now - (node.DataReceived ?? TimeSpan.MinValue / 2);
            if (node.Link is { } stale && Now - stale.CreatedAt > NodeTimeout && node.PingSent is not null && pingDelay > half && dataDelay > half)
            {
                FreeLink(stale);
            }

            if (node.Link is { } link && node.PingSent is null && Now - (node.PongReceived ?? TimeSpan.MinValue / 2) > half)
            {
                SendPing(link, BusMessageKind.Ping);
                continue;
            }

            if (_manualEnd is not null && Myself.IsMaster && _manualReplica == node && node.Link is { } waiting)
            {
                SendPing(waiting, BusMessageKind.Ping);
                continue;
            }

            if (node.PingSent is not null && (pingDelay < dataDelay ? pingDelay : dataDelay) > NodeTimeout && !node.Has(NodeFlags.PossiblyFailing | NodeFlags.Failed))
            {
                node.Flags |= NodeFlags.PossiblyFailing;
                hasNewSuspect = true;
                if (_server.Profile.HasShards && Myself.IsMaster && Size == 1)
                {
                    DeclareFailedIfNeeded(node);
                }
            }
        }

        return hasNewSuspect;
    }
}
