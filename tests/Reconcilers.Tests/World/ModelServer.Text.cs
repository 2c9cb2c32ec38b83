using System.Globalization;
using System.Text;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>What a server says of itself and of others.</summary>
sealed partial class ModelServer
{
    RespValue Shards() => RespValue.Array(RespValue.Array(
        RespValue.Text("nodes"),
        RespValue.Array([DescribeOffset(Id, Offset), .. Known.Select(other => DescribeOffset(other, Heard.GetValueOrDefault(other)))])));

    static RespValue DescribeOffset(NodeId node, long offset) =>
        RespValue.Array(RespValue.Text("id"), RespValue.Text(node.ToString()), RespValue.Text("replication-offset"), RespValue.Integer(offset));

    string Info()
    {
        var text = new StringBuilder();
        var uptime = (long)(_network.Time.GetUtcNow() - StartedAt).TotalSeconds;
        text.Append(CultureInfo.InvariantCulture, $"# Server\r\n{Version.Info}run_id:{ModelRedis.NewId($"{ConfigFile} {StartedAt}")}\r\nuptime_in_seconds:{uptime}\r\nconfig_file:{ConfigFile}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"# Memory\r\nused_memory:{UsedMemory}\r\nused_memory_overhead:{EmptyMemory}\r\nused_memory_dataset:{Data.Bytes}\r\nmaxmemory:{Config["maxmemory"]}\r\nnumber_of_libraries:{Functions.Count}\r\nmaxmemory_policy:{Config["maxmemory-policy"]}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"# Persistence\r\nloading:{(IsLoading ? 1 : 0)}\r\naof_enabled:{(Config["appendonly"] == "yes" ? 1 : 0)}\r\n# Replication\r\n");
        if (MasterId is { } master)
        {
            text.Append(CultureInfo.InvariantCulture, $"role:slave\r\nmaster_host:{Believes(master)?.Address}\r\nmaster_port:6379\r\nmaster_link_status:{(IsLinkUp ? "up" : "down")}\r\n{(IsLinkUp ? "" : $"master_link_down_since_seconds:{(_linkWasUp is { } up ? (long)(_network.Time.GetUtcNow() - up).TotalSeconds : -1)}\r\n")}master_sync_in_progress:0\r\nslave_repl_offset:{Offset}\r\nmaster_repl_offset:{Offset}\r\nconnected_slaves:0\r\n");
        }
        else
        {
            var replicas = _network.Servers.Where(server => server.MasterId == Id && server.IsLinkUp).ToList();
            text.Append(CultureInfo.InvariantCulture, $"role:master\r\nconnected_slaves:{replicas.Count}\r\n");
            for (var index = 0; index < replicas.Count; index++)
            {
                text.Append(CultureInfo.InvariantCulture, $"slave{index}:ip={replicas[index].Address},port=6379,state=online,offset=1000,lag={replicas[index].SilentFor}\r\n");
            }

            text.Append("master_repl_offset:1000\r\n");
        }

        text.Append("# Keyspace\r\n");
        if (Keys > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"db0:keys={Keys},expires=0,avg_ttl=0\r\n");
        }

        return text.ToString();
    }

    string ClusterInfo()
    {
        var voters = _others.Values.Count(belief => belief is { MasterId: null, Slots.IsEmpty: false }) + (Slots.IsEmpty ? 0 : 1);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"cluster_state:{(IsServing ? "ok" : "fail")}\r\ncluster_slots_assigned:{Covered().Count}\r\ncluster_known_nodes:{_others.Count + 1}\r\ncluster_size:{voters}\r\ncluster_current_epoch:{CurrentEpoch}\r\ncluster_my_epoch:{Epoch}\r\n{(VotesAskedFor > 0 ? $"cluster_stats_messages_auth-req_sent:{VotesAskedFor}\r\n" : "")}cluster_stats_messages_sent:1000\r\n");
    }

    string Nodes()
    {
        var text = new StringBuilder();
        var epoch = MasterId is { } followed ? Believes(followed)?.Epoch ?? 0 : Epoch;
        var open = _migrating.Select(slot => string.Create(CultureInfo.InvariantCulture, $"[{slot.Key}->-{slot.Value}]"))
            .Concat(_importing.Select(slot => string.Create(CultureInfo.InvariantCulture, $"[{slot.Key}-<-{slot.Value}]")));
        Line(text, Id, Endpoint(Address, BusPort, Hostname), "myself,", Slots, MasterId, epoch, string.Join(' ', open));
        foreach (var (other, belief) in _others)
        {
            var flags = $"{(belief.HasFailed ? "fail," : "")}{(belief.Address.Length == 0 ? "noaddr," : "")}";
            Line(text, other, Endpoint(belief.Address, belief.BusPort, belief.Hostname), flags, belief.Slots, belief.MasterId, belief.Epoch, open: "");
        }

        foreach (var (greeted, busPort) in Greetings.Select(greeting => (greeting.Address, greeting.BusPort)).Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"{ModelRedis.NewId(greeted)} {greeted}:6379@{busPort} handshake - 0 0 0 disconnected\n");
        }

        return text.ToString();
    }

    static string Endpoint(string address, int busPort, string hostname) =>
        (address.Length == 0 ? ":0@0" : string.Create(CultureInfo.InvariantCulture, $"{address}:6379@{busPort}")) + (hostname.Length == 0 ? "" : "," + hostname);

    static void Line(StringBuilder text, NodeId node, string endpoint, string flags, SlotSet slots, NodeId? master, long epoch, string open)
    {
        var role = master is null ? "master -" : $"slave {master}";
        text.Append(string.Create(CultureInfo.InvariantCulture, $"{node} {endpoint} {flags}{role} 0 0 {epoch} connected {slots.ToString(' ')} {open}").TrimEnd()).Append('\n');
    }
}
