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
