using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>What a server learns of third nodes, and who fails: clusterProcessGossipSection and what belongs to it.</summary>
sealed partial class ClusterMember
{
    static readonly TimeSpan Ban = TimeSpan.FromSeconds(60);

    void HearGossip(KnownNode? sender, BusMessage message)
    {
        foreach (var entry in message.Gossip)
        {
            if (Find(entry.Id) is { } node)
            {
                if (sender is { IsMaster: true } && !node.IsMyself)
                {
                    HearReport(node, sender, entry);
                }

                if ((entry.Flags & (NodeFlags.Failed | NodeFlags.PossiblyFailing)) == 0 && node.PingSent is null && CountReports(node) == 0)
                {
                    var heard = TimeSpan.FromSeconds(entry.PongReceivedSeconds);
                    if (heard <= Now + TimeSpan.FromMilliseconds(500) && heard > (node.PongReceived ?? TimeSpan.Zero))
                    {
                        node.PongReceived = heard;
                    }
                }

                if (node.Has(NodeFlags.Failed | NodeFlags.PossiblyFailing)
                    && (entry.Flags & (NodeFlags.NoAddress | NodeFlags.Failed | NodeFlags.PossiblyFailing)) == 0
                    && (node.Ip != entry.Ip || node.Port != entry.Port || node.BusPort != entry.BusPort))
                {
                    FreeLink(node.Link);
                    node.Ip = entry.Ip;
                    node.Port = entry.Port;
                    node.BusPort = entry.BusPort;
                    node.Flags &= ~NodeFlags.NoAddress;

                    // Redis forgets that here (redis/redis#14633): it goes on copying from where its master was.
                    if (_server.Profile.IsValkey && Myself.IsReplica && Myself.Master == node)
                    {
                        _server.Replication.Follow(node.Ip, node.Port);
                    }
                }
            }
            else if (sender is not null && (entry.Flags & NodeFlags.NoAddress) == 0 && !IsBanned(entry.Id))
            {
                var newcomer = AddNode(entry.Id, entry.Flags & ~NodeFlags.Myself);
                newcomer.Ip = entry.Ip;
                newcomer.Port = entry.Port;
                newcomer.BusPort = entry.BusPort;
            }
        }
    }

    void HearReport(KnownNode node, KnownNode sender, GossipEntry entry)
    {
        if ((entry.Flags & (NodeFlags.Failed | NodeFlags.PossiblyFailing)) != 0)
        {
            RemoveReport(node, sender);
            node.Reports.Add((sender, Now));
            DeclareFailedIfNeeded(node);
        }
        else if (RemoveReport(node, sender))
        {
            RemoveOldReports(node);
        }
    }

    /// <summary>markNodeAsFailingIfNeeded: a majority of the masters does not reach it, and neither do we.</summary>
    void DeclareFailedIfNeeded(KnownNode node)
    {
        if (!node.IsSuspect || node.HasFailed || CountReports(node) + (Myself.IsMaster ? 1 : 0) < Quorum)
        {
            return;
        }

        MarkFailed(node);
        Broadcast(Build(BusMessageKind.Fail) with { About = node.Id });
        Note(Todo.UpdateState | Todo.SaveConfig);
    }

    void HearFail(KnownNode? sender, BusMessage message)
    {
        if (sender is not null && Find(message.About!.Value) is { } node && !node.Has(NodeFlags.Failed | NodeFlags.Myself))
        {
            MarkFailed(node);
            Note(Todo.SaveConfig | Todo.UpdateState);
        }
    }

    void MarkFailed(KnownNode node)
    {
        node.Flags = (node.Flags & ~NodeFlags.PossiblyFailing) | NodeFlags.Failed;
        node.FailedAt = Now;
        Trace("takes for failed", node);
    }

    /// <summary>clearNodeFailureIfNeeded: it is reached again.</summary>
    void UndoFailure(KnownNode node)
    {
        if (node.IsReplica || node.Slots.IsEmpty || Now - node.FailedAt > NodeTimeout * 2)
        {
            node.Flags &= ~NodeFlags.Failed;
            Note(Todo.UpdateState | Todo.SaveConfig);
        }
    }

    void HearForgotten(NodeId id)
    {
        if (Find(id) is { } node && !node.IsMyself && !(Myself.IsReplica && Myself.Master == node))
        {
            Banish(node);
        }
    }

    /// <summary>Out of the table, and not back by gossip for a minute.</summary>
    void Banish(KnownNode node)
    {
        _banned[node.Id] = TimeSpan.FromSeconds(_server.Seconds) + Ban;
        RemoveNode(node);
        Note(Todo.UpdateState | Todo.SaveConfig);
    }

    bool IsBanned(NodeId id) => _banned.TryGetValue(id, out var until) && until >= TimeSpan.FromSeconds(_server.Seconds);

    int Quorum => (Size / 2) + 1;

    int CountReports(KnownNode node)
    {
        RemoveOldReports(node);
        return node.Reports.Count;
    }

    static bool RemoveReport(KnownNode node, KnownNode by)
    {
        for (var index = 0; index < node.Reports.Count; index++)
        {
            if (node.Reports[index].By == by)
            {
                node.Reports.RemoveAt(index);
                return true;
            }
        }

        return false;
    }

    void RemoveOldReports(KnownNode node)
    {
        for (var index = node.Reports.Count - 1; index >= 0; index--)
        {
            if (Now - node.Reports[index].At > NodeTimeout * 2)
            {
                node.Reports.RemoveAt(index);
            }
        }
    }

    /// <summary>For traces: the host's name, or its address.</summary>
    static string Name(KnownNode node) => node.Hostname.Length > 0 ? node.Hostname.Split('.')[0] : node.Ip;
}
