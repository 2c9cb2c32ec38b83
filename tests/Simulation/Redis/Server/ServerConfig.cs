using System.Globalization;

namespace Slotwise.Simulation.Redis.Server;

/// <summary>redis.conf and what CONFIG SET made of it.</summary>
sealed class ServerConfig
{
    /// <summary>Redis' defaults of what is asked for or matters here.</summary>
    static readonly (string Name, string Value)[] Defaults =
    [
        ("appendfsync", "everysec"),
        ("appendonly", "no"),
        ("cluster-allow-reads-when-down", "no"),
        ("cluster-allow-replica-migration", "yes"),
        ("cluster-node-timeout", "15000"),
        ("cluster-replica-no-failover", "no"),
        ("cluster-replica-validity-factor", "10"),
        ("cluster-require-full-coverage", "yes"),
        ("maxmemory", "0"),
        ("maxmemory-policy", "noeviction"),
        ("min-replicas-max-lag", "10"),
        ("min-replicas-to-write", "0"),
        ("repl-backlog-size", "1048576"),
        ("repl-diskless-sync-delay", "5"),
        ("repl-ping-replica-period", "10"),
        ("repl-timeout", "60"),
        ("shutdown-timeout", "10"),
    ];

    readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    public ServerConfig(ServerSetup setup)
    {
        foreach (var (name, value) in Defaults)
        {
            _values[name] = value;
        }

        _values["cluster-announce-ip"] = setup.Address;
        _values["cluster-announce-hostname"] = setup.Hostname;
        foreach (var (name, value) in setup.Directives)
        {
            _values[name] = value.Trim('"');
        }

        Read();
    }

    public TimeSpan NodeTimeout { get; private set; }

    /// <summary>0 for any age.</summary>
    public long ValidityFactor { get; private set; }

    public bool RequiresFullCoverage { get; private set; }

    public bool AllowsReplicaMigration { get; private set; }

    public bool ForbidsFailover { get; private set; }

    public bool AllowsReadsWhenDown { get; private set; }

    public bool AppendsOnly { get; private set; }

    public long MinReplicasToWrite { get; private set; }

    public long MinReplicasMaxLag { get; private set; }

    public long BacklogSize { get; private set; }

    public long MaxMemory { get; private set; }

    public TimeSpan SyncDelay { get; private set; }

    public long ReplicaPingPeriod { get; private set; }

    public long ReplicationTimeout { get; private set; }

    public TimeSpan ShutdownTimeout { get; private set; }

    public string AnnouncedIp => _values["cluster-announce-ip"];

    public string AnnouncedHostname => _values["cluster-announce-hostname"];

    public string Find(string name) => _values.GetValueOrDefault(name, "");

    public IEnumerable<(string Name, string Value)> Matching(string pattern) => pattern == "*"
        ? _values.Select(entry => (entry.Key, entry.Value))
        : _values.TryGetValue(pattern, out var value) ? [(pattern, value)] : [];

    public bool TrySet(string name, string value)
    {
        if (!_values.ContainsKey(name))
        {
            return false;
        }

        _values[name] = value;
        Read();
        return true;
    }

    static long Bytes(string text)
    {
        var digits = text.AsSpan().TrimEnd("bBkKmMgG");
        var unit = text[digits.Length..].ToLowerInvariant();
        var factor = unit switch
        {
            "k" => 1000,
            "kb" => 1 << 10,
            "m" => 1000_000,
            "mb" => 1 << 20,
            "g" => 1000_000_000,
            "gb" => 1 << 30,
            _ => 1L,
        };
        return long.Parse(digits, CultureInfo.InvariantCulture) * factor;
    }

    void Read()
    {
        NodeTimeout = TimeSpan.FromMilliseconds(Number("cluster-node-timeout"));
        ValidityFactor = Number("cluster-replica-validity-factor");
        RequiresFullCoverage = IsYes("cluster-require-full-coverage");
        AllowsReplicaMigration = IsYes("cluster-allow-replica-migration");
        ForbidsFailover = IsYes("cluster-replica-no-failover");
        AllowsReadsWhenDown = IsYes("cluster-allow-reads-when-down");
        AppendsOnly = IsYes("appendonly");
        MinReplicasToWrite = Number("min-replicas-to-write");
        MinReplicasMaxLag = Number("min-replicas-max-lag");
        BacklogSize = Bytes(_values["repl-backlog-size"]);
        MaxMemory = Bytes(_values["maxmemory"]);
        SyncDelay = TimeSpan.FromSeconds(Number("repl-diskless-sync-delay"));
        ReplicaPingPeriod = Number("repl-ping-replica-period");
        ReplicationTimeout = Number("repl-timeout");
        ShutdownTimeout = TimeSpan.FromSeconds(Number("shutdown-timeout"));
    }

    long Number(string name) => long.Parse(_values[name], CultureInfo.InvariantCulture);

    bool IsYes(string name) => _values[name] == "yes";
}
