using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Commands about who belongs to the cluster and who follows whom.</summary>
sealed partial class ModelServer
{
    /// <summary>How often this process asked others for their votes.</summary>
    public int VotesAskedFor { get; private set; }

    /// <summary>It was asked to become master and tries when gossip runs next.</summary>
    public string? PendingFailover { get; private set; }

    /// <summary>
    /// An election: a majority of the masters with slots must hear it and know it as a replica of that master. Without FORCE the master itself
    /// must know it, too.
    /// </summary>
    public void TryFailover()
    {
        var mode = PendingFailover;
        PendingFailover = null;
        if (MasterId is not { } old || mode is null || Believes(old) is not { } belief)
        {
            return;
        }

        VotesAskedFor += mode == "TAKEOVER" ? 0 : _others.Count;
        var voters = _others.Where(other => other.Value is { MasterId: null, Slots.IsEmpty: false }).Select(other => _network.Find(other.Value.Address)).ToList();
        var votes = voters.Count(voter => voter is { IsCutOff: false, MasterId: null } && voter.Believes(Id)?.MasterId == old);
        var master = _network.Find(belief.Address);
        if (mode != "TAKEOVER" && (votes * 2 <= voters.Count || (mode.Length == 0 && master is not { IsCutOff: false })))
        {
            return;
        }

        if (mode.Length == 0)
        {
            Data.CopyFrom(master!.Data);
        }

        CurrentEpoch = Math.Max(CurrentEpoch, voters.Max(voter => voter?.CurrentEpoch ?? 0)) + 1;
        Promote(old, CurrentEpoch);
    }

    /// <summary>It was asked to become master and never came to it.</summary>
    public void AbandonFailover() => PendingFailover = null;

    /// <summary>It asked for votes and got too few.</summary>
    public void StandInVain()
    {
        PendingFailover = null;
        VotesAskedFor += _others.Count;
    }

    /// <summary>It wins an election that it stood in by itself.</summary>
    public void Elect()
    {
        var old = MasterId ?? throw new InvalidOperationException($"{Address} is no replica");
        VotesAskedFor += _others.Count;
        CurrentEpoch = _network.Servers.Max(server => server.CurrentEpoch) + 1;
        Promote(old, CurrentEpoch);
    }

    void Promote(NodeId old, long epoch)
    {
        MasterId = null;
        Epoch = epoch;
        Take(Id, Believes(old)!.Slots);
    }

    RespValue Meet(RedisCommand command)
    {
        Greetings.Add((command.ArgumentText(2), int.Parse(command.ArgumentText(4), CultureInfo.InvariantCulture), _network.Time.GetUtcNow() + HandshakeTimeout));
        return RespValue.Ok;
    }

    RespValue Forget(RedisCommand command)
    {
        var node = NodeId.Parse(command.ArgumentText(2));
        if (node == Id)
        {
            return RespValue.Error("ERR I tried hard but I can't forget myself...");
        }

        if (!_others.ContainsKey(node))
        {
            // As in Redis 7.0, whether it is banned or not.
            return RespValue.Error($"ERR Unknown node {node}");
        }

        if (MasterId == node)
        {
            return RespValue.Error("ERR Can't forget my master!");
        }

        _others.Remove(node);
        _banned[node] = _network.Time.GetUtcNow();
        foreach (var slot in _importing.Where(open => open.Value == node).Select(open => open.Key).ToList())
        {
            _importing.Remove(slot);
        }

        foreach (var slot in _migrating.Where(open => open.Value == node).Select(open => open.Key).ToList())
        {
            _migrating.Remove(slot);
        }

        return RespValue.Ok;
    }

    RespValue Replicate(RedisCommand command)
    {
        var master = NodeId.Parse(command.ArgumentText(2));
        if (master == Id)
        {
            return RespValue.Error("ERR Can't replicate myself");
        }

        if (Believes(master) is not { } belief)
        {
            return RespValue.Error($"ERR Unknown node {master}");
        }

        if (belief.MasterId is not null)
        {
            return RespValue.Error("ERR I can only replicate a master, not a replica.");
        }

        if (MasterId is null && (!Slots.IsEmpty || Keys > 0))
        {
            return RespValue.Error("ERR To set a master the node must be empty and without assigned slots.");
        }

        if (MasterId != master)
        {
            MasterId = master;
            CloseAllSlots();
        }

        return RespValue.Ok;
    }

    RespValue Failover(RedisCommand command)
    {
        var mode = command.ArgumentText(2);
        if (MasterId is not { } master)
        {
            return RespValue.Error("ERR You should send CLUSTER FAILOVER to a replica");
        }

        if (mode.Length == 0 && (Believes(master) is not { HasFailed: false } belief || _network.Find(belief.Address) is not { IsCutOff: false }))
        {
            return RespValue.Error("ERR Master is down or failed, please use CLUSTER FAILOVER FORCE");
        }

        PendingFailover = mode;
        return RespValue.Ok;
    }

    RespValue Reset(RedisCommand command)
    {
        if (MasterId is null && Keys > 0)
        {
            return RespValue.Error("ERR CLUSTER RESET can't be called with master nodes containing keys");
        }

        Data.Clear();
        MasterId = null;
        Slots = SlotSet.Empty;
        _others.Clear();
        CloseAllSlots();
        Greetings.Clear();
        if (command.ArgumentText(2) == "HARD")
        {
            Epoch = CurrentEpoch = 0;
            Id = ModelRedis.NewId(Id + " reset");
        }

        return RespValue.Ok;
    }

    RespValue BumpEpoch()
    {
        var highest = Math.Max(CurrentEpoch, HighestEpoch());
        if (Epoch != 0 && Epoch == highest)
        {
            return RespValue.SimpleString(string.Create(CultureInfo.InvariantCulture, $"STILL {Epoch}"));
        }

        Epoch = CurrentEpoch = highest + 1;
        return RespValue.SimpleString(string.Create(CultureInfo.InvariantCulture, $"BUMPED {Epoch}"));
    }

    RespValue SetEpoch(RedisCommand command)
    {
        if (_others.Count > 0 || Greetings.Count > 0)
        {
            return RespValue.Error("ERR The user can assign a config epoch only when the node does not know any other node.");
        }

        Epoch = long.Parse(command.ArgumentText(2), CultureInfo.InvariantCulture);
        CurrentEpoch = Math.Max(CurrentEpoch, Epoch);
        return RespValue.Ok;
    }
}
