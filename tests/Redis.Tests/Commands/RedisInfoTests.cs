namespace Slotwise.Redis.Tests;

public sealed class RedisInfoTests
{
    [Theory]
    [InlineData("redis-7.0", "7.0.15", null)]
    [InlineData("redis-8.0", "8.0.2", null)]
    [InlineData("valkey-8.1", "7.2.4", "8.1.1")]
    [InlineData("valkey-9.1", "7.2.4", "9.1.2")]
    public void What_real_servers_say(string server, string redisVersion, string? valkeyVersion)
    {
        var info = RedisInfo.Parse(Fixtures.Read($"{server}-info.txt"));
        Assert.Equal(redisVersion, info.RedisVersion);
        Assert.Equal(valkeyVersion, info.ValkeyVersion);
        Assert.Equal(valkeyVersion is not null, info.IsValkey);
        Assert.Equal(40, info.RunId.Length);
        Assert.Equal("", info.ConfigFile);
        Assert.EndsWith("-server", info.Executable, StringComparison.Ordinal);
        Assert.True(info.ProcessId > 0);
        Assert.True(info.IsClusterEnabled && info.IsMaster && !info.IsReplica && !info.IsLoading);
        Assert.Null(info.MasterHost);
        Assert.True(info.UsedMemory > 100_000);
        Assert.Equal(0, info.MaxMemory);
        Assert.False(info.IsAofEnabled);
        Assert.True(info.IsRdbSaveOk && info.IsAofWriteOk);
        Assert.Empty(info.KeysByDatabase);
        Assert.Equal("master", info.Sections["replication"]["role"]);
        Assert.True(info.Sections.Count >= 8);
    }

    [Fact]
    public void A_master_lists_its_replicas()
    {
        var info = RedisInfo.Parse("# Replication\r\nrole:master\r\nconnected_slaves:2\r\n"
            + "slave0:ip=10.0.0.7,port=6379,state=online,offset=1316,lag=1\r\nslave1:ip=::1,port=6380,state=wait_bgsave,offset=0,lag=0\r\nmaster_repl_offset:1330\r\n");
        Assert.Equal([new ReplicaInfo("10.0.0.7", 6379, "online", 1316, 1), new ReplicaInfo("::1", 6380, "wait_bgsave", 0, 0)], info.Replicas);
        Assert.Equal([true, false], info.Replicas.Select(replica => replica.IsOnline));
        Assert.Equal(1330, info.MasterOffset);
    }

    [Fact]
    public void A_replica_names_its_master()
    {
        var info = RedisInfo.Parse("# Replication\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:down\r\n"
            + "master_sync_in_progress:1\r\nslave_repl_offset:42\r\nmaster_repl_offset:42\r\n");
        Assert.True(info.IsReplica && info.IsMasterSyncInProgress && !info.IsMasterLinkUp);
        Assert.Equal(("10.0.0.1", 6379, 42), (info.MasterHost, info.MasterPort, info.ReplicaOffset));
    }

    [Fact]
    public void Keys_are_counted_by_database()
    {
        var info = RedisInfo.Parse("# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=5\r\ndb11:keys=7,expires=0,avg_ttl=0,subexpiry=0\r\n");
        Assert.Equal([KeyValuePair.Create(0, 3L), KeyValuePair.Create(11, 7L)], info.KeysByDatabase);
    }

    [Fact]
    public void A_field_is_found_by_its_whole_name_only()
    {
        var info = RedisInfo.Parse("xrole:a\r\nrole_x:b\r\nother:role:c\r\nrole:master");
        Assert.Equal("master", info["role"]);
        Assert.Null(info["rol"]);
        Assert.Null(info[""]);
    }

    [Fact]
    public void Cluster_info()
    {
        var info = ClusterInfo.Parse("cluster_state:fail\r\ncluster_slots_assigned:16000\r\ncluster_slots_ok:15000\r\ncluster_slots_pfail:400\r\ncluster_slots_fail:600\r\n"
            + "cluster_known_nodes:6\r\ncluster_size:3\r\ncluster_current_epoch:9\r\ncluster_my_epoch:2\r\n");
        Assert.False(info.IsOk);
        Assert.Equal((16000, 15000, 400, 600), (info.SlotsAssigned, info.SlotsOk, info.SlotsPossiblyFailing, info.SlotsFailed));
        Assert.Equal((6, 3, 9, 2), (info.KnownNodes, info.Size, info.CurrentEpoch, info.MyEpoch));
    }
}
