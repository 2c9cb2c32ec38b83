namespace Slotwise.Redis.Tests;

public sealed class ClusterNodesTests
{
    public static readonly TheoryData<string> Servers = ["redis-7.0", "redis-8.0", "valkey-8.1", "valkey-9.1"];

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_node_that_never_joined_has_no_ip(string server)
    {
        var node = Assert.Single(Read(server, "never-joined").Nodes);
        Assert.Equal("", node.Ip);
        Assert.InRange(node.Port, 21000, 22000);
        Assert.Equal(node.Port + 10000, node.BusPort);
        Assert.Equal(ClusterNodeFlags.Myself | ClusterNodeFlags.Master, node.Flags);
        Assert.True(node.IsLinkUp);
        Assert.Null(node.MasterId);
        Assert.True(node.Slots.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void Three_shards(string server)
    {
        var table = Read(server, "three-shards");
        Assert.Equal(6, table.Nodes.Count);
        Assert.True(table.CoveredSlots.IsFull);
        Assert.Equal(["0-5460", "5461-10922", "10923-16383"], table.Nodes.Where(node => node.IsMaster).OrderBy(node => node.ConfigEpoch).Select(node => node.Slots.ToString()));
        foreach (var replica in table.Nodes.Where(node => node.IsReplica))
        {
            var master = table.Find(replica.MasterId!.Value);
            Assert.True(master!.IsMaster);
            Assert.Equal(master.ConfigEpoch, replica.ConfigEpoch);
        }

        Assert.All(table.Nodes, node => Assert.Equal("127.0.0.1", node.Ip));
        Assert.Equal("redis-1.example.internal", Assert.Single(table.Nodes, node => node.Hostname.Length > 0).Hostname);
        Assert.All(table.Nodes, node => Assert.True(node.IsLinkUp));
        Assert.True(table.Myself!.IsMaster);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void Two_views_of_one_cluster_agree_and_open_slots_do_not_count(string server)
    {
        var fromMaster = Read(server, "three-shards");
        var fromReplica = Read(server, "three-shards-from-replica");
        Assert.True(fromReplica.Myself!.IsReplica);
        Assert.True(fromMaster.AgreesOnSlotsWith(fromReplica));
        Assert.True(fromReplica.AgreesOnSlotsWith(fromMaster));
        Assert.True(fromMaster.AgreesOnSlotsWith(WithoutOpenSlots(fromMaster)));
        Assert.False(fromMaster.AgreesOnSlotsWith(Read(server, "open-slots")));
        Assert.False(ClusterNodesTable.Empty.AgreesOnSlotsWith(fromMaster));
        Assert.False(fromMaster.AgreesOnSlotsWith(ClusterNodesTable.Empty));

        static ClusterNodesTable WithoutOpenSlots(ClusterNodesTable table) =>
            new([.. table.Nodes.Select(node => node with { Migrating = [new OpenSlot(1, node.Id)] })]);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void Open_slots_stand_on_the_line_of_the_node_asked(string server)
    {
        var table = Read(server, "open-slots");
        var myself = table.Myself!;
        var masters = table.Nodes.Where(node => node.IsMaster).OrderBy(node => node.ConfigEpoch).ToList();
        Assert.Equal([new OpenSlot(0, masters[1].Id), new OpenSlot(1, masters[1].Id)], myself.Migrating);
        Assert.Equal([new OpenSlot(16383, masters[2].Id)], myself.Importing);
        Assert.Equal("0-99,101-199,202-5460", myself.Slots.ToString());
        Assert.Equal("100,200-201", table.CoveredSlots.Complement().ToString());
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_node_in_handshake(string server)
    {
        var node = Assert.Single(Read(server, "handshake").Nodes, node => node.IsInHandshake);
        Assert.Equal("127.0.0.1", node.Ip);
        Assert.False(node.IsMaster || node.IsReplica || node.IsLinkUp);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_node_without_address_and_a_failed_one(string server)
    {
        var table = Read(server, "noaddr-and-failed");
        var lost = Assert.Single(table.Nodes, node => node.HasNoAddress);
        Assert.Equal(("", 0, 0), (lost.Ip, lost.Port, lost.BusPort));
        Assert.False(lost.IsLinkUp);
        var failed = Assert.Single(table.Nodes, node => node.HasFailed && !node.HasNoAddress);
        Assert.False(failed.IsPossiblyFailing);
        Assert.True(failed.PingSentMs > 0);
        Assert.Equal("127.0.0.1", failed.Ip);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void IPv6_addresses_hold_colons(string server) =>
        Assert.All(Read(server, "ipv6").Nodes, node => Assert.Equal(("::1", node.Port + 10000), (node.Ip, node.BusPort)));

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_nodes_conf_reads_as_the_same_table(string server)
    {
        var table = Read(server, "nodes-conf");
        Assert.Equal(2, table.Nodes.Count);
        Assert.True(table.AgreesOnSlotsWith(Read(server, "ipv6")));
        if (server != "redis-7.0")
        {
            Assert.All(table.Nodes, node => Assert.Equal(40, node.AuxiliaryFields["shard-id"].Length));
        }
    }

    [Fact]
    public void Suspected_and_failed_masters()
    {
        var nodes = ClusterNodesTable.Parse(Fixtures.Read("redis-7.2-by-hand.txt")).Nodes;
        Assert.Equal(
            [
                ClusterNodeFlags.Replica | ClusterNodeFlags.NoFailover,
                ClusterNodeFlags.Master | ClusterNodeFlags.PossiblyFailing,
                ClusterNodeFlags.Master | ClusterNodeFlags.Failed,
                ClusterNodeFlags.Master,
                ClusterNodeFlags.Myself | ClusterNodeFlags.Master,
            ],
            nodes.Select(node => node.Flags));
        Assert.Equal("cache-1-0.cache.shop.svc", nodes[0].Hostname);
        Assert.Equal(NodeId.Parse("e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca"), nodes[0].MasterId);
        Assert.Equal(1426238316232, nodes[1].PingSentMs);
        Assert.Equal(1426238310231, nodes[1].PongReceivedMs);
    }

    [Fact]
    public void What_is_not_understood_is_left_out_or_kept_as_text()
    {
        var nodes = ClusterNodesTable.Parse(Fixtures.Read("future-by-hand.txt")).Nodes;
        Assert.Equal(3, nodes.Count);
        Assert.Equal(("fd00:10:244::4", 6379, 16379, "cache-1-0.cache.shop.svc"), (nodes[0].Ip, nodes[0].Port, nodes[0].BusPort, nodes[0].Hostname));
        Assert.Equal(["colour", "empty", "nodename", "shard-id"], nodes[0].AuxiliaryFields.Keys);
        Assert.Equal("blue", nodes[0].AuxiliaryFields["colour"]);
        Assert.Equal("", nodes[0].AuxiliaryFields["empty"]);
        Assert.True(nodes[0].IsReplica);
        Assert.Equal("sleepy,odd", nodes[0].UnknownFlags);
        Assert.Equal("", nodes[1].Hostname);
        Assert.Equal("6380", nodes[1].AuxiliaryFields["tls-port"]);
        Assert.Equal("5461-10922,11000", nodes[1].Slots.ToString());
        Assert.Empty(nodes[1].Migrating);
        Assert.Empty(nodes[1].Importing);
    }

    [Fact]
    public void Text_of_every_fixture_is_printed_as_it_was_read()
    {
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fixtures"), "*.txt")
            .Where(file => !file.EndsWith("-info.txt", StringComparison.Ordinal) && !file.EndsWith("future-by-hand.txt", StringComparison.Ordinal))
            .ToList();
        Assert.True(files.Count >= 33);
        foreach (var file in files)
        {
            var lines = File.ReadAllLines(file).Where(line => line[0] != '#' && !line.StartsWith("vars ", StringComparison.Ordinal)).ToList();
            var printed = ClusterNodesTable.Parse(File.ReadAllText(file)).Nodes.Select(node => node.ToString());

            // auxiliary fields come out in the order of their names
            if (file.Contains("nodes-conf", StringComparison.Ordinal))
            {
                lines = [.. lines.Select(Sorted)];
                printed = printed.Select(Sorted);
            }

            Assert.Equal(lines, printed);
        }

        static string Sorted(string line)
        {
            var fields = line.Split(' ');
            fields[1] = string.Join(',', fields[1].Split(',').Order(StringComparer.Ordinal));
            return string.Join(' ', fields);
        }
    }

    [Fact]
    public void A_table_of_a_thousand_nodes_takes_little_memory()
    {
        var text = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i =>
            $"{i:x40} 10.244.{i / 250}.{i % 250}:6379@16379 {(i % 2 == 0 ? "master -" : $"slave {i - 1:x40}")} 0 1426238316232 {i} connected"
            + (i % 2 == 0 ? $" {i * 16}-{(i * 16) + 31}" : "") + "\n")));
        ClusterNodesTable.Parse(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var table = ClusterNodesTable.Parse(text);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1000, table.Nodes.Count);
        Assert.Equal(500 * 32, table.CoveredSlots.Count);
        Assert.InRange(allocated, 1, 400_000);
    }

    static ClusterNodesTable Read(string server, string what) => ClusterNodesTable.Parse(Fixtures.Read($"{server}-{what}.txt"));
}
