using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>What a server makes of what it hears: clusterProcessPacket.</summary>
sealed partial class ClusterMember
{
    static readonly TimeSpan ManualTimeout = TimeSpan.FromSeconds(5);

    public void Receive(BusLink link, BusMessage message)
    {
        if (!link.IsOpen)
        {
            return;
        }

        // A starting server accepts nobody: what was sent to it waits at its door until it has loaded.
        if (_server.Data.IsLoading && _server.Replication.IsOff)
        {
            _server.Data.WhenLoaded(() => Receive(link, message));
            return;
        }

        var sender = SenderOf(link, message);
        if (sender is not null)
        {
            sender.DataReceived = Now;
        }

        if (sender is { IsInHandshake: false })
        {
            HearEpochs(sender, message);
        }

        switch (message.Kind)
        {
            case BusMessageKind.Ping or BusMessageKind.Pong or BusMessageKind.Meet:
                HearPing(link, sender, message);
                break;
            case BusMessageKind.Fail:
                HearFail(sender, message);
                break;
            case BusMessageKind.AuthRequest when sender is not null:
                VoteIfAllowed(sender, message);
                break;
            case BusMessageKind.AuthAck when sender is { IsMaster: true, Slots.IsEmpty: false } && message.CurrentEpoch >= _electionEpoch:
                _votes++;
                Note(Todo.HandleFailover);
                break;
            case BusMessageKind.ManualFailoverStart when sender is not null && sender.Master == Myself:
                PauseForFailover(sender, link);
                break;
            case BusMessageKind.Update when sender is not null:
                HearUpdate(message);
                break;
            default:
                break;
        }
    }

    /// <summary>The other end of a connection is gone.</summary>
    public void LoseLink(BusLink link) => FreeLink(link);

    /// <summary>getNodeFromLinkAndMsg</summary>
    KnownNode? SenderOf(BusLink link, BusMessage message)
    {
        if (link.Node is { IsInHandshake: false } known)
        {
            return known;
        }

        var sender = Find(message.Sender);
        if (sender is not null && link.Node is null)
        {
            if (sender.InboundLink is { } old)
            {
                FreeLink(old);
            }

            sender.InboundLink = link;
            link.Node = sender;
        }

        return sender;
    }

    void HearEpochs(KnownNode sender, BusMessage message)
    {
        CurrentEpoch = Math.Max(CurrentEpoch, message.CurrentEpoch);

        // A replica tells the epoch of its master. Valkey does not take it for one of the replica's own: a former master that still passes for the owner of its slots gives way.
        if (message.ConfigEpoch > sender.ConfigEpoch && (message.Master is null || !_server.Profile.IsValkey))
        {
            sender.ConfigEpoch = message.ConfigEpoch;
            Note(Todo.SaveConfig);
        }

        sender.Offset = message.Offset;
        if (_manualEnd is not null && Myself.IsReplica && Myself.Master == sender && message.IsPaused && _manualOffset is null)
        {
            _manualOffset = sender.Offset;
            Note(Todo.HandleManualFailover);
        }
    }

    void HearPing(BusLink link, KnownNode? sender, BusMessage message)
    {
        if (message.Kind is BusMessageKind.Ping or BusMessageKind.Meet)
        {
            if (sender is null && message.Kind == BusMessageKind.Meet)
            {
                var newcomer = AddNode(_server.RandomId(), NodeFlags.Handshake);
                newcomer.Ip = message.Ip;
                newcomer.Port = message.Port;
                newcomer.BusPort = message.BusPort;
                Note(Todo.SaveConfig);
                HearGossip(sender, message);
            }

            SendPing(link, BusMessageKind.Pong);
        }

        if (!link.IsInbound && !Identify(link, sender, message))
        {
            return;
        }

        if (sender is not null)
        {
            sender.Flags = (sender.Flags & ~NodeFlags.NoFailover) | (message.Flags & NodeFlags.NoFailover);
            if (message.Kind == BusMessageKind.Ping && !sender.IsInHandshake && UpdateAddress(sender, link, message))
            {
                Note(Todo.SaveConfig | Todo.UpdateState);
            }
        }

        if (!link.IsInbound && message.Kind == BusMessageKind.Pong && link.Node is { } answerer)
        {
            answerer.PongReceived = Now;
            answerer.PingSent = null;
            if (answerer.IsSuspect)
            {
                answerer.Flags &= ~NodeFlags.PossiblyFailing;
                Note(Todo.SaveConfig | Todo.UpdateState);
            }
            else if (answerer.HasFailed)
            {
                UndoFailure(answerer);
            }
        }

        if (sender is null)
        {
            return;
        }

        HearRole(sender, message);
        HearSlots(sender, message);
        if (Myself.IsMaster && sender.IsMaster && message.ConfigEpoch == Myself.ConfigEpoch)
        {
            ResolveCollision(sender);
        }

        HearGossip(sender, message);
        sender.Hostname = message.Hostname;
        HearShard(sender, message.ShardId);
        if (message.About is { } forgotten)
        {
            HearForgotten(forgotten);
        }
    }

    /// <summary>Whether the answer on a connection that we made comes from whom we meant; ends a handshake.</summary>
    bool Identify(BusLink link, KnownNode? sender, BusMessage message)
    {
        var node = link.Node!;
        if (node.IsInHandshake)
        {
            if (sender is not null)
            {
                if (UpdateAddress(sender, link, message))
                {
                    Note(Todo.SaveConfig | Todo.UpdateState);
                }

                RemoveNode(node);
                return false;
            }

            node.Id = message.Sender;
            node.Flags = (node.Flags & ~NodeFlags.Handshake) | (message.Flags & (NodeFlags.Master | NodeFlags.Replica));
            Note(Todo.SaveConfig);
        }
        else if (node.Id != message.Sender)
        {
            node.Flags |= NodeFlags.NoAddress;
            node.Ip = "";
            node.Port = 0;
            node.BusPort = 0;
            FreeLink(link);
            Note(Todo.SaveConfig);
            return false;
        }

        return true;
    }

    /// <summary>nodeUpdateAddressIfNeeded</summary>
    bool UpdateAddress(KnownNode node, BusLink link, BusMessage message)
    {
        if (link == node.Link || (node.Port == message.Port && node.BusPort == message.BusPort && node.Ip == message.Ip))
        {
            return false;
        }

        node.Ip = message.Ip;
        node.Port = message.Port;
        node.BusPort = message.BusPort;
        FreeLink(node.Link);
        node.Flags &= ~NodeFlags.NoAddress;
        if (Myself.IsReplica && Myself.Master == node)
        {
            _server.Replication.Follow(node.Ip, node.Port);
        }

        return true;
    }

    /// <summary>clusterHandleConfigEpochCollision: the smaller id gives way.</summary>
    void ResolveCollision(KnownNode sender)
    {
        if (sender.ConfigEpoch == Myself.ConfigEpoch && sender.Id > Myself.Id)
        {
            Myself.ConfigEpoch = ++CurrentEpoch;
            SaveConfig();
        }
    }

    void HearUpdate(BusMessage message)
    {
        if (Find(message.About!.Value) is not { } node || node.ConfigEpoch >= message.AboutEpoch)
        {
            return;
        }

        if (node.IsReplica)
        {
            SetAsMaster(node);
        }

        node.ConfigEpoch = message.AboutEpoch;
        Note(Todo.SaveConfig);
        BelieveSlots(node, message.AboutEpoch, message.AboutSlots);
    }
}
