using System.Globalization;
using System.Text;
using Slotwise.Simulation.Redis.Replication;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Commands;

/// <summary>What INFO says, of all that anybody here reads.</summary>
static class InfoText
{
    public static string Of(ServerProcess server)
    {
        var text = new StringBuilder(1024);
        AppendServer(text, server);
        AppendMemory(text, server);
        AppendPersistence(text, server);
        AppendReplication(text, server);
        text.Append("\r\n# Cluster\r\ncluster_enabled:1\r\n\r\n# Keyspace\r\n");
        if (server.Data.Keys.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"db0:keys={server.Data.Keys.Count},expires=0,avg_ttl=0\r\n");
        }

        return text.ToString();
    }

    static void AppendServer(StringBuilder text, ServerProcess server)
    {
        var profile = server.Profile;
        var uptime = (long)(server.Now - server.StartedAt).TotalSeconds;
        text.Append("# Server\r\n");
        if (profile.IsValkey)
        {
            text.Append(CultureInfo.InvariantCulture, $"redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:{profile.Version}\r\n");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"redis_version:{profile.Version}\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"redis_mode:cluster\r\nprocess_id:1\r\nrun_id:{server.RunId}\r\ntcp_port:{server.Setup.Port}\r\nuptime_in_seconds:{uptime}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"executable:/usr/bin/{profile.Product}-server\r\nconfig_file:{server.Setup.ConfigFile}\r\n");
    }

    static void AppendMemory(StringBuilder text, ServerProcess server)
    {
        text.Append(CultureInfo.InvariantCulture, $"\r\n# Memory\r\nused_memory:{ServerMemory.Used(server)}\r\nused_memory_overhead:{ServerMemory.Empty}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"used_memory_dataset:{server.Data.Keys.Bytes}\r\nmaxmemory:{server.Config.MaxMemory}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"number_of_libraries:{server.Data.Keys.Functions.Count}\r\nmaxmemory_policy:{server.Config.Find("maxmemory-policy")}\r\n");
    }

    static void AppendPersistence(StringBuilder text, ServerProcess server)
    {
        text.Append(CultureInfo.InvariantCulture, $"\r\n# Persistence\r\nloading:{(server.Data.IsLoading ? 1 : 0)}\r\nrdb_bgsave_in_progress:0\r\nrdb_last_bgsave_status:ok\r\n");
        text.Append(CultureInfo.InvariantCulture, $"rdb_changes_since_last_save:0\r\naof_enabled:{(server.Config.AppendsOnly ? 1 : 0)}\r\naof_rewrite_in_progress:0\r\n");
        text.Append(CultureInfo.InvariantCulture, $"aof_last_write_status:{(server.Data.IsAppendBroken ? "err" : "ok")}\r\n");
    }

    static void AppendReplication(StringBuilder text, ServerProcess server)
    {
        var replication = server.Replication;
        text.Append("\r\n# Replication\r\n");
        if (replication.IsOff)
        {
            text.Append("role:master\r\n");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"role:slave\r\nmaster_host:{replication.MasterIp}\r\nmaster_port:{replication.MasterPort}\r\n");
            text.Append(CultureInfo.InvariantCulture, $"master_link_status:{(replication.IsLinkUp ? "up" : "down")}\r\nmaster_last_io_seconds_ago:{replication.LastHeardSecondsAgo}\r\n");
            text.Append(CultureInfo.InvariantCulture, $"master_sync_in_progress:{(replication.IsCopying ? 1 : 0)}\r\nslave_repl_offset:{replication.Offset}\r\n");
            if (replication.DownSeconds is { } down)
            {
                text.Append(CultureInfo.InvariantCulture, $"master_link_down_since_seconds:{down}\r\n");
            }

            text.Append("slave_priority:100\r\nslave_read_only:1\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"connected_slaves:{replication.Replicas.Count}\r\n");
        for (var index = 0; index < replication.Replicas.Count; index++)
        {
            var link = replication.Replicas[index];
            var state = link.Stage switch
            {
                ReplicaStage.WaitsForSnapshot => "wait_bgsave",
                ReplicaStage.SendsSnapshot => "send_bulk",
                _ => "online",
            };
            text.Append(CultureInfo.InvariantCulture, $"slave{index}:ip={link.Replica.Address},port={link.Replica.Setup.Port},state={state},offset={link.Acknowledged},lag={server.Seconds - link.AcknowledgedAt}\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"master_failover_state:no-failover\r\nmaster_replid:{replication.History.Id}\r\nmaster_replid2:{replication.Earlier?.Id ?? new string('0', 40)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"master_repl_offset:{replication.Applied}\r\nsecond_repl_offset:{(replication.Earlier is null ? -1 : replication.EarlierUpTo + 1)}\r\nrepl_backlog_active:{(replication.HasBacklog ? 1 : 0)}\r\n");
    }
}
