using System.Globalization;
using System.Text;

namespace Slotwise.Redis;

/// <summary>The words of CLUSTER NODES, and a line of it as Redis prints it.</summary>
static class ClusterNodesFormat
{
    static readonly (ClusterNodeFlags Flag, byte[] Name)[] Flags =
    [
        (ClusterNodeFlags.Myself, "myself"u8.ToArray()),
        (ClusterNodeFlags.Master, "master"u8.ToArray()),
        (ClusterNodeFlags.Replica, "slave"u8.ToArray()),
        (ClusterNodeFlags.PossiblyFailing, "fail?"u8.ToArray()),
        (ClusterNodeFlags.Failed, "fail"u8.ToArray()),
        (ClusterNodeFlags.Handshake, "handshake"u8.ToArray()),
        (ClusterNodeFlags.NoAddress, "noaddr"u8.ToArray()),
        (ClusterNodeFlags.NoFailover, "nofailover"u8.ToArray()),
    ];

    public static ClusterNodeFlags? FlagOf(ReadOnlySpan<byte> name)
    {
        foreach (var (flag, known) in Flags)
        {
            if (name.SequenceEqual(known))
            {
                return flag;
            }
        }

        return name.SequenceEqual("noflags"u8) ? ClusterNodeFlags.None : null;
    }

    public static string Line(ClusterNode node)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{node.Id} {node.Ip}:{node.Port}@{node.BusPort}");
        if (node.Hostname.Length > 0 || node.AuxiliaryFields.Count > 0)
        {
            line.Append(',').Append(node.Hostname);
        }

        foreach (var (name, value) in node.AuxiliaryFields)
        {
            line.Append(',').Append(name).Append('=').Append(value);
        }

        line.Append(' ').Append(FlagNames(node)).Append(' ').Append(node.MasterId?.ToString() ?? "-");
        line.Append(CultureInfo.InvariantCulture, $" {node.PingSentMs} {node.PongReceivedMs} {node.ConfigEpoch} ");
        line.Append(node.IsLinkUp ? "connected" : "disconnected");
        if (!node.Slots.IsEmpty)
        {
            line.Append(' ').Append(node.Slots.ToString(' '));
        }

        foreach (var (slot, peer) in node.Migrating)
        {
            line.Append(CultureInfo.InvariantCulture, $" [{slot}->-{peer}]");
        }

        foreach (var (slot, peer) in node.Importing)
        {
            line.Append(CultureInfo.InvariantCulture, $" [{slot}-<-{peer}]");
        }

        return line.ToString();
    }

    static string FlagNames(ClusterNode node)
    {
        var names = Flags.Where(known => (node.Flags & known.Flag) != 0).Select(known => Encoding.UTF8.GetString(known.Name));
        var text = string.Join(',', node.UnknownFlags.Length > 0 ? names.Append(node.UnknownFlags) : names);
        return text.Length > 0 ? text : "noflags";
    }
}
