using System.Globalization;
using System.Text;

namespace Slotwise.Redis;

/// <summary>
/// The answer to INFO. A property whose field is missing, because its section was not asked for or the server does not know it, is null, empty,
/// zero or false, as its type has it.
/// </summary>
public sealed class RedisInfo
{
    readonly FieldText _fields;

    RedisInfo(ReadOnlyMemory<byte> text) => _fields = new FieldText(text);

    /// <summary>The version the server speaks as: of Redis itself, or the one that Valkey says it is compatible with.</summary>
    public string RedisVersion => this["redis_version"] ?? "";

    /// <summary>The version of Valkey; null on Redis.</summary>
    public string? ValkeyVersion => this["valkey_version"];

    /// <summary>True on Valkey (7.2 says only its <c>server_name</c>).</summary>
    public bool IsValkey => ValkeyVersion is not null || this["server_name"] == "valkey";

    /// <summary>Made up anew whenever the process starts.</summary>
    public string RunId => this["run_id"] ?? "";

    public string ConfigFile => this["config_file"] ?? "";

    public string Executable => this["executable"] ?? "";

    public long ProcessId => Number("process_id");

    public TimeSpan Uptime => TimeSpan.FromSeconds(Number("uptime_in_seconds"));

    public bool IsClusterEnabled => _fields.IsSet("cluster_enabled");

    /// <summary>True while the data set is being read from disk.</summary>
    public bool IsLoading => _fields.IsSet("loading");

    public bool IsMaster => this["role"] == "master";

    public bool IsReplica => this["role"] == "slave";

    /// <summary>Of a replica: the address it replicates from; null on a master.</summary>
    public string? MasterHost => this["master_host"];

    /// <summary>Of a replica: the port it replicates from; 0 on a master.</summary>
    public int MasterPort => (int)Number("master_port");

    /// <summary>Of a replica: the link to its master is up.</summary>
    public bool IsMasterLinkUp => this["master_link_status"] == "up";

    /// <summary>Of a replica whose link is down: for how long, in whole seconds; null if it never was up since the process started.</summary>
    public TimeSpan? MasterLinkDownFor => _fields.FindNumber("master_link_down_since_seconds") is { } seconds and >= 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Of a replica: for how long it has heard nothing of its master, over a link that is down or one that is up, as it stays where a host lost its power.</summary>
    public TimeSpan? MasterSilentFor => MasterLinkDownFor ?? (_fields.FindNumber("master_last_io_seconds_ago") is { } seconds and >= 0 ? TimeSpan.FromSeconds(seconds) : null);

    /// <summary>Of a replica: a full sync is on its way.</summary>
    public bool IsMasterSyncInProgress => _fields.IsSet("master_sync_in_progress");

    /// <summary>Of a replica: how much of the replication stream it has applied, in bytes.</summary>
    public long ReplicaOffset => Number("slave_repl_offset");

    /// <summary>The end of the replication stream, in bytes; on a replica what it knows of it.</summary>
    public long MasterOffset => Number("master_repl_offset");

    public int ConnectedReplicas => (int)Number("connected_slaves");

    /// <summary>Of a master: the replicas connected to it.</summary>
    public IReadOnlyList<ReplicaInfo> Replicas =>
        [.. Enumerable.Range(0, ConnectedReplicas).Select(i => this[string.Create(CultureInfo.InvariantCulture, $"slave{i}")]).OfType<string>().Select(ReplicaInfo.Parse)];

    /// <summary>In bytes.</summary>
    public long UsedMemory => Number("used_memory");

    /// <summary>Bytes that the keys take, without buffers and what the server itself needs.</summary>
    public long DatasetMemory => Number("used_memory_dataset");

    /// <summary>Libraries of functions (Redis 7.0).</summary>
    public int FunctionLibraries => (int)Number("number_of_libraries");

    /// <summary>In bytes; 0 is no limit.</summary>
    public long MaxMemory => Number("maxmemory");

    public bool IsAofEnabled => _fields.IsSet("aof_enabled");

    public bool IsAofRewriteInProgress => _fields.IsSet("aof_rewrite_in_progress");

    /// <summary>False when the last write to the append-only file failed.</summary>
    public bool IsAofWriteOk => this["aof_last_write_status"] is null or "ok";

    public bool IsRdbSaveInProgress => _fields.IsSet("rdb_bgsave_in_progress");

    /// <summary>False when the last dump failed.</summary>
    public bool IsRdbSaveOk => this["rdb_last_bgsave_status"] is null or "ok";

    /// <summary>Writes since the last dump.</summary>
    public long ChangesSinceSave => Number("rdb_changes_since_last_save");

    /// <summary>The keys of every database that has some, by its number.</summary>
    public IReadOnlyDictionary<int, long> KeysByDatabase
    {
        get
        {
            var keys = new SortedDictionary<int, long>();
            foreach (var (name, value) in Section("Keyspace"))
            {
                // db0:keys=3,expires=0,avg_ttl=0
                var count = value.Split(',')[0].Split('=');
                if (name.StartsWith("db", StringComparison.Ordinal)
                    && int.TryParse(name[2..], out var database)
                    && count is ["keys", var text]
                    && long.TryParse(text, out var number))
                {
                    keys[database] = number;
                }
            }

            return keys;
        }
    }

    /// <summary>The sections by name, each its fields by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Sections
    {
        get
        {
            var sections = new SortedDictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.OrdinalIgnoreCase);
            SortedDictionary<string, string> fields = [];
            foreach (var line in Encoding.UTF8.GetString(_fields.Text).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (line[0] == '#')
                {
                    sections[line[1..].Trim()] = fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
                }
                else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                {
                    fields[line[..colon]] = line[(colon + 1)..];
                }
            }

            return sections;
        }
    }

    /// <summary>The value of any field, or null.</summary>
    public string? this[string field] => _fields.Find(field);

    /// <summary>Reads the text of INFO.</summary>
    public static RedisInfo Parse(string text) => new(Encoding.UTF8.GetBytes(text));

    internal static RedisInfo Read(RespValue reply) => new(Replies.Bytes(reply));

    long Number(string field) => _fields.FindNumber(field) ?? 0;

    IReadOnlyDictionary<string, string> Section(string name) => Sections.GetValueOrDefault(name, ClusterNode.EmptyFields);
}
