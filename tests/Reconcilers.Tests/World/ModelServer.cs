using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>
/// A Redis node as a model: what it believes about others is its own, and changes only by what it is told and by gossip. It refuses what
/// Redis refuses, with the same words.
/// </summary>
sealed partial class ModelServer
{
    static readonly TimeSpan Ban = TimeSpan.FromSeconds(60);
    static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(15);

    readonly ModelRedis _network;
    readonly OrderedDictionary<NodeId, ModelBelief> _others = [];
    readonly SortedDictionary<NodeId, DateTimeOffset> _banned = [];
    (NodeId Master, DateTimeOffset StartedAt)? _copyOf;
    DateTimeOffset? _linkWasUp;

    public ModelServer(ModelRedis network, NodeId id, string address, int busPort, string configFile)
    {
        _network = network;
        Id = id;
        Address = address;
        BusPort = busPort;
        ConfigFile = configFile;
        StartedAt = network.Time.GetUtcNow();
    }

    public NodeId Id { get; private set; }

    public string Address { get; private set; }

    public int BusPort { get; }

    /// <summary>The stable name that it announces.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Where the start script put the configuration; it proves whose server this is.</summary>
    public string ConfigFile { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public SlotSet Slots { get; private set; } = SlotSet.Empty;

    public NodeId? MasterId { get; private set; }

    /// <summary>Its configEpoch: of two masters that claim a slot the one with the higher is believed.</summary>
    public long Epoch { get; private set; }

    public long CurrentEpoch { get; private set; }

    public ModelData Data { get; } = new();

    public int Keys => Data.Count;

    /// <summary>As a replica: how much of its master's writes it has got.</summary>
    public long Offset { get; set; } = 1000;

    /// <summary>What others told it on the bus of how far they are.</summary>
    public SortedDictionary<NodeId, long> Heard { get; } = [];

    /// <summary>For how many seconds its master has heard nothing from it, although the connection seems to be up.</summary>
    public long SilentFor { get; set; }

    /// <summary>What it runs.</summary>
    public ModelVersion Version { get; set; } = ModelVersion.Of("redis:7.0");

    public bool IsLoading { get; set; }

    public bool IsServing { get; set; } = true;

    /// <summary>The host is cut off: it lives, and neither operator nor other nodes reach it.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Whether no other server gets through to it with keys.</summary>
    public bool IsOutOfReach { get; set; }

    /// <summary>Only the operator does not reach it.</summary>
    public bool IsHidden { get; set; }

    /// <summary>As a replica it has not got its master's data yet and does not get them.</summary>
    public bool IsSyncHeld { get; set; }

    /// <summary>As a replica: its master, if it reaches that.</summary>
    public ModelServer? ReachedMaster => MasterId is { } master && Believes(master) is { } belief
        && _network.Find(belief.Address) is { IsCutOff: false } server && server.Id == master && !IsCutOff ? server : null;

    /// <summary>Whether, as a replica, it has the data of its master's present process.</summary>
    public bool IsLinkUp => ReachedMaster is { } master && !IsSyncHeld && Version.Reads(master.Version) && _copyOf == (master.Id, master.StartedAt);

    /// <summary>Addresses that it was asked to greet and did not reach yet, with the port of their gossip and when it gives up.</summary>
    public List<(string Address, int BusPort, DateTimeOffset Until)> Greetings { get; } = [];

    public IEnumerable<NodeId> Known => _others.Keys;

    public ModelBelief? Believes(NodeId node) => _others.GetValueOrDefault(node);

    /// <summary>The process ends and starts again in the same place, with nodes.conf and without or with its keys.</summary>
    public void Restart(bool keepsKeys)
    {
        StartedAt = _network.Time.GetUtcNow();
        Greetings.Clear();
        _linkWasUp = null;
        VotesAskedFor = 0;
        if (!keepsKeys)
        {
            Data.Clear();
        }
    }

    /// <summary>As a replica, remembers when its link was last up.</summary>
    public void NoteLink() => _linkWasUp = IsLinkUp ? _network.Time.GetUtcNow() : _linkWasUp;

    /// <summary>A full sync, as soon as it reaches its master: what it had is gone.</summary>
    public void Synchronize()
    {
        if (!IsSyncHeld && ReachedMaster is { MasterId: null } master && Version.Reads(master.Version))
        {
            Data.CopyFrom(master.Data);
            Functions.Clear();
            Functions.UnionWith(master.Functions);
            _copyOf = (master.Id, master.StartedAt);
        }
    }

    /// <summary>A new pod on the old volume: nodes.conf and keys are those of the earlier one.</summary>
    public void Move(string address, string configFile)
    {
        Restart(keepsKeys: true);
        Address = address;
        ConfigFile = configFile;
        IsCutOff = IsHidden = false;
    }

    public RespValue Execute(RedisCommand command) => command.Name switch
    {
        "INFO" => RespValue.Text(Info()),
        "CLUSTER INFO" => RespValue.Text(ClusterInfo()),
        "CLUSTER NODES" => RespValue.Text(Nodes()),
        "CLUSTER SHARDS" => Shards(),
        "CLUSTER MYID" => RespValue.Text(Id.ToString()),
        "CLUSTER MEET" => Meet(command),
        "CLUSTER FORGET" => Forget(command),
        "CLUSTER REPLICATE" => Replicate(command),
        "CLUSTER FAILOVER" => Failover(command),
        "CLUSTER RESET" => Reset(command),
        "CLUSTER BUMPEPOCH" => BumpEpoch(),
        "CLUSTER SET-CONFIG-EPOCH" => SetEpoch(command),
        "CLUSTER ADDSLOTSRANGE" => AddSlots(command),
        "CLUSTER DELSLOTSRANGE" => DeleteSlots(command),
        "CLUSTER SETSLOT" => SetSlot(command),
        "CLUSTER COUNTKEYSINSLOT" => RespValue.Integer(Data.CountIn(Slot(command.ArgumentText(2)))),
        "CLUSTER GETKEYSINSLOT" => KeysInSlot(command),
        "CLUSTER MIGRATESLOTS" => MigrateSlots(command),
        "CLUSTER GETSLOTMIGRATIONS" => ListJobs(),
        "CLUSTER CANCELSLOTMIGRATIONS" => CancelJobs(),
        "CLUSTER MIGRATION" when _network.HasRedisTasks => Migration(command),
        "MIGRATE" => Migrate(command),
        "DBSIZE" => RespValue.Integer(Data.Count),
        "MEMORY" or "MEMORY USAGE" => MemoryUsage(command),
        "DUMP" => Dump(command),

        // every value of the model is one
        "TYPE" => RespValue.SimpleString(Data.Get(command.ArgumentText(1)) is null ? "none" : "string"),
        "CONFIG GET" => GetConfig(command),
        "CONFIG SET" => SetConfig(command),
        "FUNCTION LIST" => RespValue.Array([.. Functions.Select(name => RespValue.Text(name))]),
        "FUNCTION DUMP" => RespValue.Text(string.Join(',', Functions)),
        "FUNCTION RESTORE" => RestoreFunctions(command),
        "COMMAND INFO" => CommandInfo(command),
        _ => RespValue.Error($"ERR the model does not know {command.Name}"),
    };
}
