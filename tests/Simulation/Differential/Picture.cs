using System.Globalization;
using System.Text;
using Slotwise.Redis;

namespace Slotwise.Simulation.Differential;

/// <summary>What all servers say, without what changes from one moment to the next: to be compared between simulated and real ones.</summary>
sealed record Picture(string Text)
{
    /// <summary>Asks everybody.</summary>
    /// <param name="subject">The servers.</param>
    /// <param name="slots">Slots whose keys are counted.</param>
    public static async Task<Picture> TakeAsync(ISubject subject, IReadOnlyList<int> slots)
    {
        var text = new StringBuilder();
        var epochs = new List<(long Epoch, int Server)>();
        var current = new SortedSet<long>();
        for (var server = 0; server < subject.Count; server++)
        {
            text.Append(CultureInfo.InvariantCulture, $"#{server} ");
            if (!subject.IsUp(server)
                || await subject.SendAsync(server, "CLUSTER", "NODES") is not { IsError: false } nodes
                || await subject.SendAsync(server, "CLUSTER", "INFO") is not { IsError: false } info
                || await subject.SendAsync(server, "INFO", "replication") is not { IsError: false } replication)
            {
                text.Append("silent\n");
                continue;
            }

            var table = ClusterNodesTable.Parse(nodes.Bytes);
            var cluster = ClusterInfo.Parse(info.AsText()!);
            var link = RedisInfo.Parse(replication.AsText()!);
            if (table.Myself is { IsMaster: true, Slots.IsEmpty: false })
            {
                epochs.Add((cluster.MyEpoch, server));
            }

            current.Add(cluster.CurrentEpoch);
            text.Append(cluster.IsOk ? "serves" : "does not serve").Append(link.IsReplica ? link.IsMasterLinkUp ? ", in sync" : ", link down" : "");
            foreach (var slot in slots)
            {
                var keys = await subject.SendAsync(server, "CLUSTER", "COUNTKEYSINSLOT", slot.ToString(CultureInfo.InvariantCulture));
                text.Append(CultureInfo.InvariantCulture, $", {keys} in {slot}");
            }

            text.Append('\n');
            foreach (var line in table.Nodes.Where(node => !node.IsInHandshake).Select(node => "    " + Describe(subject, node)).Order(StringComparer.Ordinal))
            {
                text.Append(line).Append('\n');
            }
        }

        text.Append("epochs: ").AppendJoin(" <= ", epochs.Order().Select(entry => string.Create(CultureInfo.InvariantCulture, $"#{entry.Server}"))).Append('\n');
        text.Append(current.Count == 1 ? "all have the same current epoch\n" : "not all have the same current epoch\n");
        return new Picture(text.ToString());
    }

    static string Describe(ISubject subject, ClusterNode node)
    {
        var open = node.Migrating.Select(slot => subject.Translate($" {slot.Slot}->{slot.Peer}")).Concat(node.Importing.Select(slot => subject.Translate($" {slot.Slot}<-{slot.Peer}")));
        var failed = node.HasFailed ? " failed" : "";
        var role = node.IsMaster ? "master" : subject.Translate($"follows {node.MasterId}");
        return subject.Translate(node.Id.ToString()) + $" {role}{failed}{(node.HasNoAddress ? " noaddr" : "")} {node.Slots}{string.Concat(open)}";
    }
}
