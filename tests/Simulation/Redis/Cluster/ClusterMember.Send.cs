using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>What a server says to others.</summary>
sealed partial class ClusterMember
{
    long _messagesSent;
    long _voteRequestsSent;

    /// <summary>A message left: CLUSTER INFO says how many did.</summary>
    public void CountSent(BusMessageKind kind)
    {
        _messagesSent++;
        _voteRequestsSent += kind == BusMessageKind.AuthRequest ? 1 : 0;
    }

    /// <summary>clusterSendPing: the header, and what it knows of a few others.</summary>
    void SendPing(BusLink link, BusMessageKind kind)
    {
        if (!link.IsInbound && kind == BusMessageKind.Ping)
        {
            link.Node!.PingSent = Now;
        }

        link.Send(Build(kind) with { Gossip = ChooseGossip() });
    }

    /// <summary>clusterBroadcastPong</summary>
    void BroadcastPong(bool toSiblingsOnly)
    {
        foreach (var node in _nodes)
        {
            if (node.Link is not { } link || node.Has(NodeFlags.Myself | NodeFlags.Handshake))
            {
                continue;
            }

            if (!toSiblingsOnly || (node is { IsReplica: true, Master: { } master } && (master == Myself || master == Myself.Master)))
            {
                SendPing(link, BusMessageKind.Pong);
            }
        }
    }

    /// <summary>clusterBroadcastMessage</summary>
    void Broadcast(BusMessage message)
    {
        foreach (var node in _nodes)
        {
            if (!node.Has(NodeFlags.Myself | NodeFlags.Handshake))
            {
                node.Link?.Send(message);
            }
        }
    }

    void SendUpdate(BusLink? link, KnownNode about) => link?.Send(Build(BusMessageKind.Update) with
    {
        About = about.Id,
        AboutEpoch = about.ConfigEpoch,
        AboutSlots = about.Slots.Except(_unclaimed),
    });

    BusMessage Build(BusMessageKind kind)
    {
        var master = Myself.IsReplica ? Myself.Master ?? Myself : Myself;
        return new BusMessage
        {
            Kind = kind,
            Sender = Myself.Id,
            Slots = master.Slots,
            ConfigEpoch = master.ConfigEpoch,
            CurrentEpoch = CurrentEpoch,
            Master = Myself.Master?.Id,
            ShardId = Myself.ShardId,
            Flags = Myself.Flags,
            Offset = _server.Replication.Offset,
            Ip = _server.Config.AnnouncedIp,
            Port = _server.Setup.Port,
            BusPort = _server.Setup.BusPort,
            Hostname = Myself.Hostname,
            IsPaused = Myself.IsMaster && _manualEnd is not null,
        };
    }

    List<GossipEntry> ChooseGossip()
    {
        var fresh = _nodes.Count - 2;
        var wanted = Math.Min(Math.Max(3, _nodes.Count / 10), fresh);
        var gossip = new List<GossipEntry>(Math.Max(0, wanted));
        for (var draws = wanted * 3; fresh > 0 && gossip.Count < wanted && draws > 0; draws--)
        {
            var node = _nodes[_server.Random.Next(_nodes.Count)];
            if (node.IsMyself || node.IsSuspect)
            {
                continue;
            }

            if (node.Has(NodeFlags.Handshake | NodeFlags.NoAddress) || (node.Link is null && node.Slots.IsEmpty))
            {
                fresh--;
                continue;
            }

            if (!gossip.Exists(entry => entry.Id == node.Id))
            {
                gossip.Add(Describe(node));
                fresh--;
            }
        }

        foreach (var node in _nodes)
        {
            if (node.IsSuspect && !node.Has(NodeFlags.Handshake | NodeFlags.NoAddress))
            {
                gossip.Add(Describe(node));
            }
        }

        return gossip;
    }

    static GossipEntry Describe(KnownNode node) =>
        new(node.Id, node.Ip, node.Port, node.BusPort, node.Flags, (long)(node.PongReceived ?? TimeSpan.Zero).TotalSeconds);
}
