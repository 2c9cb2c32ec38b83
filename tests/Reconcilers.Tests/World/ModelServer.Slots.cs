using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Commands about who owns which slot.</summary>
sealed partial class ModelServer
{
    readonly SortedDictionary<int, NodeId> _migrating = [];
    readonly SortedDictionary<int, NodeId> _importing = [];

    /// <summary>Slots that come to this server; no gossip changes their owner in its view.</summary>
    public SlotSet Importing => SlotSet.Of([.. _importing.Keys]);

    public SlotSet Migrating => SlotSet.Of([.. _migrating.Keys]);

    /// <summary>What Redis does when a master becomes a replica.</summary>
    void CloseAllSlots()
    {
        _migrating.Clear();
        _importing.Clear();
    }

    static int Slot(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    static SlotSet Ranges(RedisCommand command, int from, int to)
    {
        var slots = new SlotSetBuilder();
        for (var index = from; index + 1 < to; index += 2)
        {
            slots.Add(Slot(command.ArgumentText(index)), Slot(command.ArgumentText(index + 1)));
        }

        return slots.Build();
    }

    RespValue AddSlots(RedisCommand command)
    {
        var slots = Ranges(command, 2, command.Arguments.Length);
        var busy = slots.Intersect(Covered());
        if (!busy.IsEmpty)
        {
            return RespValue.Error($"ERR Slot {busy.First()} is already busy");
        }

        Take(Id, slots);
        foreach (var slot in slots.Intersect(Importing))
        {
            _importing.Remove(slot);
        }

        return RespValue.Ok;
    }

    RespValue DeleteSlots(RedisCommand command)
    {
        var slots = Ranges(command, 2, command.Arguments.Length);
        var unassigned = slots.Except(Covered());
        if (!unassigned.IsEmpty)
        {
            return RespValue.Error($"ERR Slot {unassigned.First()} is already unassigned");
        }

        Slots = Slots.Except(slots);
        foreach (var belief in _others.Values)
        {
            belief.Slots = belief.Slots.Except(slots);
        }

        return RespValue.Ok;
    }

    RespValue SetSlot(RedisCommand command)
    {
        if (MasterId is not null)
        {
            return RespValue.Error("ERR Please use SETSLOT only with masters.");
        }

        var slot = Slot(command.ArgumentText(2));
        var isMine = Slots.Contains(slot);
        if (command.ArgumentText(3).ToUpperInvariant() is not "STABLE" and var action)
        {
            var node = NodeId.Parse(command.ArgumentText(4));
            if (node != Id && Believes(node) is null)
            {
                return RespValue.Error(action == "NODE" ? $"ERR Unknown node {node}" : $"ERR I don't know about node {node}");
            }

            if (Believes(node)?.MasterId is not null)
            {
                return RespValue.Error("ERR Target node is not a master");
            }

            return action switch
            {
                "MIGRATING" when !isMine => RespValue.Error($"ERR I'm not the owner of hash slot {slot}"),
                "MIGRATING" => Begin(_migrating, slot, node),
                "IMPORTING" when isMine => RespValue.Error($"ERR I'm already the owner of hash slot {slot}"),
                "IMPORTING" => Begin(_importing, slot, node),
                "NODE" => Bind(slot, node),
                _ => RespValue.Error("ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP"),
            };
        }

        _migrating.Remove(slot);
        _importing.Remove(slot);
        return RespValue.Ok;
    }

    static RespValue Begin(SortedDictionary<int, NodeId> open, int slot, NodeId node)
    {
        open[slot] = node;
        return RespValue.Ok;
    }

    RespValue Bind(int slot, NodeId owner)
    {
        var keys = Data.CountIn(slot);
        if (Slots.Contains(slot) && owner != Id && keys > 0)
        {
            return RespValue.Error($"ERR Can't assign hashslot {slot} to a different node while I still hold keys for this hash slot.");
        }

        if (keys == 0)
        {
            _migrating.Remove(slot);
        }

        Take(owner, SlotSet.Of(slot));
        if (owner == Id && _importing.Remove(slot, out var source))
        {
            BumpEpoch();
            _network.Tell(this, source);
        }

        return RespValue.Ok;
    }
}
