using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>What accidents, users and bugs do to a server's table.</summary>
sealed partial class ModelServer
{
    /// <summary>Damage: its part of nodes.conf that tells who owns which slots is gone.</summary>
    public void LoseSlots() => Lose(SlotSet.Full);

    /// <summary>Damage: it does not know any more who owns these slots.</summary>
    public void Lose(SlotSet slots)
    {
        Slots = Slots.Except(slots);
        foreach (var belief in _others.Values)
        {
            belief.Slots = belief.Slots.Except(slots);
        }
    }

    /// <summary>Damage: it takes another node for the owner, and that one's epoch for high.</summary>
    public void Misattribute(NodeId node, SlotSet slots, long epoch)
    {
        Take(node, slots);
        _others[node].Epoch = epoch;
    }

    /// <summary>Damage: it owns these slots, whatever others say.</summary>
    public void Claim(SlotSet slots, long? epoch = null)
    {
        Take(Id, slots);
        Epoch = epoch ?? Epoch;
        CurrentEpoch = Math.Max(CurrentEpoch, Epoch);
    }

    /// <summary>Damage: it believes in a node that is not there (any more).</summary>
    public void Remember(NodeId node, string at, SlotSet slots, string hostname = "", NodeId? master = null)
    {
        _others[node] = new ModelBelief(at, BusPort) { Epoch = 9, Hostname = hostname, MasterId = master };
        Take(node, slots);
    }

    /// <summary>Damage: the half of a move that somebody left behind.</summary>
    public void Open(int slot, NodeId? migratingTo = null, NodeId? importingFrom = null)
    {
        if (migratingTo is { } target)
        {
            _migrating[slot] = target;
        }

        if (importingFrom is { } source)
        {
            _importing[slot] = source;
        }
    }

    /// <summary>Damage: it follows another master, as after a command sent by hand.</summary>
    public void Follow(ModelServer master)
    {
        MasterId = master.Id;
        Synchronize();
    }
}
