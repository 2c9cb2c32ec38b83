using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Redis.Server;

/// <summary>What a server process is started with.</summary>
public sealed record ServerSetup
{
    /// <summary>What traces call it: the pod's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it listens.</summary>
    public required string Address { get; init; }

    public int Port { get; init; } = 6379;

    /// <summary>The port of its gossip.</summary>
    public required int BusPort { get; init; }

    /// <summary>cluster-announce-hostname; empty for none.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Where its configuration is, as INFO says.</summary>
    public string ConfigFile { get; init; } = "/etc/redis/redis.conf";

    /// <summary>redis.conf by directive; what is not there has Redis' default.</summary>
    public IReadOnlyDictionary<string, string> Directives { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where nodes.conf and the append-only file are.</summary>
    public required Volume Volume { get; init; }

    public ServerProfile Profile { get; init; } = ServerProfile.Redis70;

    /// <summary>The ACL file's users and their passwords, read now; null where there is none and everybody is let in.</summary>
    public Func<IReadOnlyDictionary<string, string>>? ReadUsers { get; init; }
}
