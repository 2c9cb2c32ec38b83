using System.Globalization;
using System.Text;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>A Redis node as a model: what it believes about others is its own, and changes only by what it is told.</summary>
sealed class ModelServer(NodeId id, string address, int busPort, string configFile)
{
    readonly OrderedDictionary<NodeId, Belief> _others = [];

    public NodeId Id => id;

    public string Address => address;

    public SlotSet Slots { get; private set; } = SlotSet.Empty;

    public NodeId? MasterId { get; private set; }

    public long Epoch { get; private set; }

    public int Keys { get; set; }

    public bool IsLoading { get; set; }

    public bool IsServing { get; set; } = true;

    /// <summary>Addresses that it was asked to greet and did not reach yet.</summary>
    public List<string> Greetings { get; } = [];

    public IEnumerable<NodeId> Known => _others.Keys;

    /// <summary>Hears from another server who that is, where, and what it owns.</summary>
    public void Hear(ModelServer other) => _others[other.Id] = new Belief(other.Address, other.Slots, other.MasterId, other.Epoch);

    /// <summary>Believes in a node that is not there (any more).</summary>
    public void Remember(NodeId node, string at, SlotSet slots) => _others[node] = new Belief(at, slots, MasterId: null, Epoch: 9);

    public RespValue Execute(RedisCommand command) => command.Name switch
    {
        "INFO" => RespValue.Text(Info()),
        "CLUSTER INFO" => RespValue.Text($"cluster_state:{(IsServing ? "ok" : "fail")}\r\ncluster_current_epoch:" + Epoch.ToString(CultureInfo.InvariantCulture) + "\r\n"),
        "CLUSTER NODES" => RespValue.Text(Nodes()),
        "CLUSTER MEET" => Meet(command),
        "CLUSTER ADDSLOTSRANGE" => AddSlots(command),
        "CLUSTER SET-CONFIG-EPOCH" => SetEpoch(command),
        "CLUSTER REPLICATE" => Replicate(command),
        _ => RespValue.Error($"ERR the model does not know {command.Name}"),
    };

    RespValue Meet(RedisCommand command)
    {
        Greetings.Add(command.ArgumentText(2));
        return RespValue.Ok;
    }

    RespValue AddSlots(RedisCommand command)
    {
        var slots = SlotSet.FromRange(
            int.Parse(command.ArgumentText(2), CultureInfo.InvariantCulture),
            int.Parse(command.ArgumentText(3), CultureInfo.InvariantCulture));
        if (slots.Overlaps(Slots) || _others.Values.Any(other => other.Slots.Overlaps(slots)))
        {
            return RespValue.Error("ERR Slot is already busy");
        }

        Slots = Slots.Union(slots);
        return RespValue.Ok;
    }

    RespValue SetEpoch(RedisCommand command)
    {
        if (_others.Count > 0 || Greetings.Count > 0)
        {
            return RespValue.Error("ERR The user can assign a config epoch only when the node does not know any other node.");
        }

        Epoch = long.Parse(command.ArgumentText(2), CultureInfo.InvariantCulture);
        return RespValue.Ok;
    }

    RespValue Replicate(RedisCommand command)
    {
        var master = NodeId.Parse(command.ArgumentText(2));
        if (!_others.ContainsKey(master))
        {
            return RespValue.Error($"ERR Unknown node {master}");
        }

        if (MasterId is null && (!Slots.IsEmpty || Keys > 0))
        {
            return RespValue.Error("ERR To set a master the node must be empty and without assigned slots.");
        }

        MasterId = master;
        return RespValue.Ok;
    }

    string Info()
    {
        var role = MasterId is null ? "role:master\r\n" : "role:slave\r\nmaster_link_status:up\r\nmaster_sync_in_progress:0\r\n";
        var keys = Keys > 0 ? $"db0:keys={Keys.ToString(CultureInfo.InvariantCulture)},expires=0,avg_ttl=0\r\n" : "";
        return $"# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:3\r\nconfig_file:{configFile}\r\n# Persistence\r\nloading:{(IsLoading ? 1 : 0)}\r\n# Replication\r\n{role}# Keyspace\r\n{keys}";
    }

    string Nodes()
    {
        var text = new StringBuilder();
        Line(text, Id, address, "myself,", Slots, MasterId, Epoch);
        foreach (var (other, belief) in _others)
        {
            Line(text, other, belief.Address, "", belief.Slots, belief.MasterId, belief.Epoch);
        }

        foreach (var greeting in Greetings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ModelRedis.NewId(greeting)} {greeting}:6379@{busPort} handshake - 0 0 0 disconnected\n");
        }

        return text.ToString();
    }

    void Line(StringBuilder text, NodeId node, string at, string myself, SlotSet slots, NodeId? master, long epoch)
    {
        var role = master is { } followed ? $"slave {followed}" : "master -";
        var line = string.Create(CultureInfo.InvariantCulture, $"{node} {at}:6379@{busPort} {myself}{role} 0 0 {epoch} connected {slots.ToString(' ')}");
        text.Append(line.TrimEnd()).Append('\n');
    }

    sealed record Belief(string Address, SlotSet Slots, NodeId? MasterId, long Epoch);
}
