using FsCheck;
using FsCheck.Fluent;

namespace Slotwise.Redis.Tests;

public sealed class ClusterNodesFormatTests
{
    static readonly Gen<NodeId> Ids = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(20).Select(bytes => NodeId.FromBytes(bytes));

    static readonly Gen<OpenSlot[]> OpenSlots = Gen.Zip(Gen.Choose(0, SlotSet.SlotCount - 1), Ids)
        .Select(pair => new OpenSlot(pair.Item1, pair.Item2)).ArrayOf().Select(slots => slots.Take(5).ToArray());

    static readonly Gen<ClusterNode> Nodes =
        from id in Ids
        from ip in Gen.Elements("", "10.0.0.1", "::1", "fd00:10:244::4")
        from ports in Gen.Zip(Gen.Choose(0, 65535), Gen.Choose(0, 65535))
        from hostname in Gen.Elements("", "cache-0-0.cache.shop.svc")
        from shardId in Gen.Elements("", "69bc080733d1355567173199cff4a6a039a2f024")
        from flags in Gen.Choose(0, 255)
        from unknown in Gen.Elements("", "odd")
        from master in Gen.Zip(Ids, Gen.Elements(true, false))
        from times in Gen.Zip(Gen.Choose(0, int.MaxValue), Gen.Choose(0, int.MaxValue))
        from up in Gen.Elements(true, false)
        from slots in Gen.Choose(0, SlotSet.SlotCount - 1).ArrayOf()
        from migrating in OpenSlots
        from importing in OpenSlots
        select new ClusterNode
        {
            Id = id,
            Ip = ip,
            Port = ports.Item1,
            BusPort = ports.Item2,
            Hostname = hostname,
            AuxiliaryFields = shardId.Length == 0 ? ClusterNode.EmptyFields : new SortedDictionary<string, string> { ["shard-id"] = shardId },
            Flags = (ClusterNodeFlags)flags,
            UnknownFlags = unknown,
            MasterId = master.Item2 ? master.Item1 : null,
            PingSentMs = times.Item1,
            PongReceivedMs = times.Item2,
            ConfigEpoch = times.Item1,
            IsLinkUp = up,
            Slots = SlotSet.Of(slots),
            Migrating = migrating,
            Importing = importing,
        };

    [Fact]
    public void A_printed_node_reads_back_as_itself()
    {
        Prop.ForAll(Nodes.ToArbitrary(), node =>
        {
            var read = Assert.Single(ClusterNodesTable.Parse(node + "\n").Nodes);
            Assert.Equal(node.AuxiliaryFields, read.AuxiliaryFields);
            Assert.Equal(node.Migrating, read.Migrating);
            Assert.Equal(node.Importing, read.Importing);

            // collections compare by reference
            Assert.Equal(node, read with { AuxiliaryFields = node.AuxiliaryFields, Migrating = node.Migrating, Importing = node.Importing });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_damage_to_a_line_is_survived()
    {
        var damage = Gen.Zip(Nodes, Gen.Zip(Gen.Choose(0, 1000), Gen.Choose(0, 255))).ToArbitrary();
        Prop.ForAll(damage, pair =>
        {
            var line = System.Text.Encoding.UTF8.GetBytes(pair.Item1.ToString());
            line[pair.Item2.Item1 % line.Length] = (byte)pair.Item2.Item2;
            ClusterNodesTable.Parse(line);
            ClusterNodesTable.Parse(line.AsSpan(0, pair.Item2.Item1 % line.Length));
        }).QuickCheckThrowOnFailure();
    }
}
