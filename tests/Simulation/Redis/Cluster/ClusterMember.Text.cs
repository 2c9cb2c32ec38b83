using System.Globalization;
using System.Text;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>CLUSTER NODES, CLUSTER INFO and what is asked for of CLUSTER SHARDS.</summary>
sealed partial class ClusterMember
{
    static readonly (NodeFlags Flag, string Name)[] FlagNames =
    [
        (NodeFlags.Myself, "myself"),
        (NodeFlags.Master, "master"),
        (NodeFlags.Replica, "slave"),
        (NodeFlags.PossiblyFailing, "fail?"),
        (NodeFlags.Failed, "fail"),
        (NodeFlags.Handshake, "handshake"),
        (NodeFlags.NoAddress, "noaddr"),
        (NodeFlags.NoFailover, "nofailover"),
    ];

    string DescribeNodes()
    {
        var text = new StringBuilder(_nodes.Count * 160);
        foreach (var node in _nodes)
        {
            Describe(text, node);
        }

        return text.ToString();
    }

    /// <summary>Without the slots, and with what each node told of itself last.</summary>
    RespValue DescribeShards() => RespValue.Array(
    [
        .. _nodes.Where(node => node.IsMaster && !node.IsInHandshake).Select(master =>
            RespValue.Array(RespValue.Text("nodes"), RespValue.Array([.. master.Replicas.Prepend(master).Select(DescribeOffset)]))),
    ]);

    RespValue DescribeOffset(KnownNode node) => RespValue.Array(
        RespValue.Text("id"),
        RespValue.Text(node.Id.ToString()),
        RespValue.Text("replication-offset"),
        RespValue.Integer(node.IsMyself ? _server.Replication.Offset : node.Offset));

    void Describe(StringBuilder text, KnownNode node)
    {
        text.Append(node.Id.ToString()).Append(' ').Append(node.Ip).Append(':').Append(node.Port).Append('@').Append(node.BusPort);
        if (node.Hostname.Length > 0)
        {
            text.Append(',').Append(node.Hostname);
        }

        text.Append(' ');
        var start = text.Length;
        foreach (var (flag, name) in FlagNames)
        {
            if (node.Has(flag))
            {
                text.Append(text.Length > start ? "," : "").Append(name);
            }
        }

        if (text.Length == start)
        {
            text.Append("noflags");
        }

        text.Append(' ').Append(node.Master?.Id.ToString() ?? "-");
        var epoch = node is { IsReplica: true, Master: { } master } ? master.ConfigEpoch : node.ConfigEpoch;
        text.Append(' ').Append(Milliseconds(node.PingSent)).Append(' ').Append(Milliseconds(node.PongReceived)).Append(' ').Append(epoch);
        text.Append(node.Link is not null || node.IsMyself ? " connected" : " disconnected");
        foreach (var range in node.Slots.Ranges)
        {
            text.Append(' ').Append(range.First);
            if (range.Last > range.First)
            {
                text.Append('-').Append(range.Last);
            }
        }

        if (node.IsMyself)
        {
            DescribeOpenSlots(text);
        }

        text.Append('\n');
    }

    void DescribeOpenSlots(StringBuilder text)
    {
        if (_migrating.Count + _importing.Count == 0)
        {
            return;
        }

        foreach (var slot in _migrating.Slots.Union(_importing.Slots))
        {
            if (_migrating[slot] is { } target)
            {
                text.Append(CultureInfo.InvariantCulture, $" [{slot}->-{target.Id}]");
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $" [{slot}-<-{_importing[slot]!.Id}]");
            }
        }
    }

    string DescribeState()
    {
        var (assigned, ok, suspect, failed) = (0, 0, 0, 0);
        foreach (var node in _nodes)
        {
            var count = node.Slots.Count;
            assigned += count;
            if (node.HasFailed)
            {
                failed += count;
            }
            else if (node.IsSuspect)
            {
                suspect += count;
            }
            else
            {
                ok += count;
            }
        }

        var epoch = Myself is { IsReplica: true, Master: { } master } ? master.ConfigEpoch : Myself.ConfigEpoch;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"cluster_state:{(IsOk ? "ok" : "fail")}\r\ncluster_slots_assigned:{assigned}\r\ncluster_slots_ok:{ok}\r\ncluster_slots_pfail:{suspect}\r\ncluster_slots_fail:{failed}\r\ncluster_known_nodes:{_nodes.Count}\r\ncluster_size:{Size}\r\ncluster_current_epoch:{CurrentEpoch}\r\ncluster_my_epoch:{epoch}\r\n{(_voteRequestsSent > 0 ? $"cluster_stats_messages_auth-req_sent:{_voteRequestsSent}\r\n" : "")}cluster_stats_messages_sent:{_messagesSent}\r\n");
    }

    long Milliseconds(TimeSpan? at) => at is { } time ? (_server.World.Epoch + time).ToUnixTimeMilliseconds() : 0;
}
