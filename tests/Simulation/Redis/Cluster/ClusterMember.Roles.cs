using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>Who is master and who follows whom, by what each says of itself.</summary>
sealed partial class ClusterMember
{
    void HearRole(KnownNode sender, BusMessage message)
    {
        if (message.Master is not { } masterId)
        {
            SetAsMaster(sender);
            return;
        }

        var master = Find(masterId);
        if (sender.IsMaster)
        {
            if (master is not null && AreInSameShard(master, sender))
            {
                HearFailover(sender, master, message);
            }
            else
            {
                Unbind(sender.Slots);
            }

            sender.Flags = (sender.Flags & ~NodeFlags.Master) | NodeFlags.Replica;
            Note(Todo.SaveConfig | Todo.UpdateState);
        }

        if (master is not null && sender.Master != master)
        {
            sender.Master?.Replicas.Remove(sender);
            master.Replicas.Add(sender);
            sender.Master = master;
            sender.ShardId = master.ShardId;
            Note(Todo.SaveConfig);
        }
    }

    /// <summary>A master says that it follows another node of its shard, of whose rise we may not have heard yet.</summary>
    void HearFailover(KnownNode sender, KnownNode master, BusMessage message)
    {
        if (sender.ConfigEpoch > message.ConfigEpoch)
        {
            return;
        }

        if (!_server.Profile.IsValkey)
        {
            Bind(master, sender.Slots);
        }

        SetAsMaster(master);
        master.ConfigEpoch = message.ConfigEpoch;
    }

    /// <summary>
    /// updateShardId: who follows a master before it has heard of that one's shard takes it over when it does. On Valkey that is how everybody sees all replicas; what
    /// a replica says of itself counts only if its master says the same.
    /// </summary>
    void HearShard(KnownNode sender, NodeId shard)
    {
        if (_server.Profile.IsValkey && sender.Master is { } master && master.ShardId != shard)
        {
            return;
        }

        Join(sender);
        if (_server.Profile.IsValkey)
        {
            sender.Replicas.ForEach(Join);
        }
        else if (Myself.Master == sender)
        {
            Join(Myself);
        }

        void Join(KnownNode node)
        {
            if (node.ShardId != shard)
            {
                node.ShardId = shard;
                Note(Todo.SaveConfig);
            }
        }
    }

    bool AreInSameShard(KnownNode one, KnownNode other) => _server.Profile.HasShards && one.ShardId == other.ShardId;

    /// <summary>clusterSetNodeAsMaster</summary>
    void SetAsMaster(KnownNode node)
    {
        if (node.IsMaster)
        {
            return;
        }

        node.Master?.Replicas.Remove(node);
        node.Flags = (node.Flags & ~NodeFlags.Replica) | NodeFlags.Master;
        node.Master = null;
        Note(Todo.SaveConfig | Todo.UpdateState);
    }
}
