using System.Globalization;
using System.Net;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>CLUSTER commands: about who belongs to the cluster and who follows whom.</summary>
sealed partial class ClusterMember
{
    long MaxEpoch => Math.Max(CurrentEpoch, _nodes.Max(node => node.ConfigEpoch));

    public KnownNode? MigratesTo(int slot) => _migrating[slot];

    public KnownNode? ImportsFrom(int slot) => _importing[slot];

    public RespValue Execute(RedisCommand command, string name) => name switch
    {
        "CLUSTER NODES" => RespValue.Text(DescribeNodes()),
        "CLUSTER INFO" => RespValue.Text(DescribeState()),
        "CLUSTER SHARDS" => DescribeShards(),
        "CLUSTER MYID" => RespValue.Text(Myself.Id.ToString()),
        "CLUSTER MEET" => Meet(command),
        "CLUSTER FORGET" => Forget(command),
        "CLUSTER REPLICATE" => Replicate(command),
        "CLUSTER FAILOVER" => Failover(command),
        "CLUSTER RESET" => Reset(command),
        "CLUSTER BUMPEPOCH" => BumpEpoch(),
        "CLUSTER SET-CONFIG-EPOCH" => SetConfigEpoch(command),
        "CLUSTER ADDSLOTS" or "CLUSTER ADDSLOTSRANGE" or "CLUSTER DELSLOTS" or "CLUSTER DELSLOTSRANGE" => AssignSlots(command, name),
        "CLUSTER FLUSHSLOTS" => FlushSlots(),
        "CLUSTER COUNTKEYSINSLOT" => CountKeys(command),
        "CLUSTER GETKEYSINSLOT" => ListKeys(command),
        "CLUSTER KEYSLOT" => RespValue.Integer(SlotHash.Of(command.ArgumentText(2))),
        _ => ExecuteTransfer(command, name),
    };

    static RespValue Error(string text) => RespValue.Error("ERR " + text);

    RespValue Meet(RedisCommand command)
    {
        var ip = command.ArgumentText(2);
        if (!long.TryParse(command.ArgumentText(3), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var port))
        {
            return Error($"Invalid TCP base port specified: {command.ArgumentText(3)}");
        }

        var busPort = port + 10000;
        if (command.Arguments.Length > 4 && !long.TryParse(command.ArgumentText(4), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out busPort))
        {
            return Error($"Invalid TCP bus port specified: {command.ArgumentText(4)}");
        }

        if (!IPAddress.TryParse(ip, out _) || port is <= 0 or > 65535 || busPort is <= 0 or > 65535)
        {
            return Error($"Invalid node address specified: {ip}:{command.ArgumentText(3)}");
        }

        if (!_nodes.Exists(node => node.IsInHandshake && node.Ip == ip && node.Port == port && node.BusPort == busPort))
        {
            var node = AddNode(_server.RandomId(), NodeFlags.Handshake | NodeFlags.Meet);
            node.Ip = ip;
            node.Port = (int)port;
            node.BusPort = (int)busPort;
        }

        return RespValue.Ok;
    }

    RespValue Forget(RedisCommand command)
    {
        var text = command.ArgumentText(2);
        if (FindByText(text) is not { } node)
        {
            return _server.Profile.GossipsForget && NodeId.TryParse(text, out var id) && IsBanned(id) ? RespValue.Ok : Error($"Unknown node {text}");
        }

        if (node.IsMyself)
        {
            return Error("I tried hard but I can't forget myself...");
        }

        if (Myself.IsReplica && Myself.Master == node)
        {
            return Error("Can't forget my master!");
        }

        Banish(node);
        if (_server.Profile.GossipsForget)
        {
            Broadcast(Build(BusMessageKind.Ping) with { About = node.Id, Gossip = ChooseGossip() });
        }

        return RespValue.Ok;
    }

    RespValue Replicate(RedisCommand command)
    {
        if (FindByText(command.ArgumentText(2)) is not { } master)
        {
            return Error($"Unknown node {command.ArgumentText(2)}");
        }

        if (master.IsMyself)
        {
            return Error("Can't replicate myself");
        }

        if (master.IsReplica)
        {
            return Error("I can only replicate a master, not a replica.");
        }

        if (Myself.IsMaster && (!Myself.Slots.IsEmpty || _server.Data.Keys.Count > 0))
        {
            return Error("To set a master the node must be empty and without assigned slots.");
        }

        // Valkey does nothing when it follows that one already.
        if (!_server.Profile.IsValkey || Myself.Master != master)
        {
            SetMaster(master, isFailover: false);
            Note(Todo.UpdateState | Todo.SaveConfig);
        }

        return RespValue.Ok;
    }

    RespValue Failover(RedisCommand command)
    {
        var mode = command.ArgumentText(2).ToUpperInvariant();
        if (mode is not ("" or "FORCE" or "TAKEOVER"))
        {
            return RespValue.Error("ERR syntax error");
        }

        if (Myself.IsMaster)
        {
            return Error("You should send CLUSTER FAILOVER to a replica");
        }

        if (Myself.Master is not { } master)
        {
            return Error("I'm a replica but my master is unknown to me");
        }

        if (mode.Length == 0 && (master.HasFailed || master.Link is null))
        {
            return Error("Master is down or failed, please use CLUSTER FAILOVER FORCE");
        }

        ResetManualFailover();
        _manualEnd = Now + ManualTimeout;
        switch (mode)
        {
            case "TAKEOVER":
                TryBumpEpoch();
                Trace("takes over from", master);
                ReplaceMaster();
                break;
            case "FORCE":
                _canManualStart = true;
                break;
            default:
                master.Link!.Send(Build(BusMessageKind.ManualFailoverStart));
                break;
        }

        return RespValue.Ok;
    }

    RespValue Reset(RedisCommand command)
    {
        var mode = command.ArgumentText(2).ToUpperInvariant();
        if (mode is not ("" or "HARD" or "SOFT"))
        {
            return RespValue.Error("ERR syntax error");
        }

        if (Myself.IsMaster && _server.Data.Keys.Count > 0)
        {
            return Error("CLUSTER RESET can't be called with master nodes containing keys");
        }

        if (Myself.IsReplica)
        {
            SetAsMaster(Myself);
            _server.Replication.Unfollow();
            _server.Data.Clear();
        }

        CloseAllSlots();
        ResetManualFailover();
        foreach (var node in _nodes.Where(node => !node.IsMyself).ToList())
        {
            RemoveNode(node);
        }

        Unbind(SlotSet.Full);
        if (_server.Profile.HasShards)
        {
            _banned.Clear();
        }

        if (mode == "HARD")
        {
            CurrentEpoch = 0;
            LastVoteEpoch = 0;
            Myself.ConfigEpoch = 0;
            Myself.Id = _server.RandomId();
            Myself.ShardId = _server.RandomId();
        }

        Note(Todo.SaveConfig | Todo.UpdateState);
        return RespValue.Ok;
    }

    RespValue BumpEpoch() =>
        RespValue.SimpleString(string.Create(CultureInfo.InvariantCulture, $"{(TryBumpEpoch() ? "BUMPED" : "STILL")} {Myself.ConfigEpoch}"));

    /// <summary>clusterBumpConfigEpochWithoutConsensus</summary>
    bool TryBumpEpoch()
    {
        if (Myself.ConfigEpoch != 0 && Myself.ConfigEpoch == MaxEpoch)
        {
            return false;
        }

        Myself.ConfigEpoch = ++CurrentEpoch;
        Note(Todo.SaveConfig);
        return true;
    }

    RespValue SetConfigEpoch(RedisCommand command)
    {
        if (!long.TryParse(command.ArgumentText(2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var epoch))
        {
            return Error("value is not an integer or out of range");
        }

        if (epoch < 0)
        {
            return Error($"Invalid config epoch specified: {epoch}");
        }

        if (_nodes.Count > 1)
        {
            return Error("The user can assign a config epoch only when the node does not know any other node.");
        }

        if (Myself.ConfigEpoch != 0)
        {
            return Error("Node config epoch is already non-zero");
        }

        Myself.ConfigEpoch = epoch;
        CurrentEpoch = Math.Max(CurrentEpoch, epoch);
        Note(Todo.UpdateState | Todo.SaveConfig);
        return RespValue.Ok;
    }

    KnownNode? FindByText(string text) => NodeId.TryParse(text, out var id) ? Find(id) : null;
}
