using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>What a server learns from others: clusterProcessPacket and clusterUpdateSlotsConfigWith of cluster_legacy.c.</summary>
sealed partial class ModelServer
{
    /// <summary>After CLUSTER MEET: from now on it knows the other one, a ban or not.</summary>
    public void Welcome(ModelServer other)
    {
        if (!_others.ContainsKey(other.Id))
        {
            _others[other.Id] = new ModelBelief(other.Address, other.BusPort);
        }

        Hear(other);
    }

    /// <summary>Hears a ping or pong: of who is talking only if it knows the id.</summary>
    public void Hear(ModelServer sender)
    {
        if (!_others.TryGetValue(sender.Id, out var belief))
        {
            return;
        }

        belief.Address = sender.Address;
        belief.BusPort = sender.BusPort;
        belief.Hostname = sender.Hostname;
        belief.HasFailed = false;
        CurrentEpoch = Math.Max(CurrentEpoch, sender.CurrentEpoch);
        if (sender.MasterId is { } master)
        {
            // A replica's header tells its master's slots and epoch, of which nothing is believed but the role.
            belief.Slots = SlotSet.Empty;
            belief.MasterId = master;
            return;
        }

        belief.MasterId = null;
        belief.Epoch = sender.Epoch;
        BelieveClaim(sender, belief);
        if (MasterId is null && Epoch == sender.Epoch && Id < sender.Id)
        {
            // clusterHandleConfigEpochCollision: the smaller id gives way.
            Epoch = CurrentEpoch = Math.Max(CurrentEpoch, HighestEpoch()) + 1;
        }
    }

    /// <summary>Hears of third nodes from somebody it knows.</summary>
    public void HearGossip(ModelServer sender)
    {
        if (!_others.ContainsKey(sender.Id))
        {
            return;
        }

        foreach (var (id, belief) in sender._others)
        {
            if (id != Id && belief.Address.Length > 0 && !_others.ContainsKey(id) && !IsBanned(id))
            {
                _others[id] = new ModelBelief(belief.Address, belief.BusPort) { MasterId = belief.MasterId, Hostname = belief.Hostname };
            }
        }
    }

    /// <summary>The UPDATE message: somebody claims slots for which the receiver knows an owner with a higher epoch, and is told so.</summary>
    public void HearUpdate(ModelServer informer)
    {
        foreach (var (id, belief) in informer._others)
        {
            if (id != Id && belief.Slots.Overlaps(Slots) && belief.Epoch > Epoch && _others.TryGetValue(id, out var mine) && mine.Epoch < belief.Epoch)
            {
                mine.Epoch = belief.Epoch;
                mine.MasterId = null;
                Settle(id, belief.Slots, belief.Epoch);
            }
        }
    }

    /// <summary>Where it expected another node somebody else answered.</summary>
    public void FindStranger(NodeId expected) => _others[expected].Address = "";

    void BelieveClaim(ModelServer sender, ModelBelief belief)
    {
        // What it no longer claims stays with it until somebody else claims it: as in Redis 7.0.
        Settle(sender.Id, sender.Slots.Except(belief.Slots), sender.Epoch);
    }

    void Settle(NodeId claimant, SlotSet claimed, long epoch)
    {
        claimed = claimed.Except(Importing);
        var mineBefore = Slots;
        var masterBefore = MasterId is { } followed ? Believes(followed)?.Slots ?? SlotSet.Empty : SlotSet.Empty;
        var won = claimed.Except(Covered());
        if (Epoch < epoch)
        {
            won = won.Union(claimed.Intersect(Slots));
        }

        foreach (var (_, other) in _others)
        {
            if (other.Epoch < epoch)
            {
                won = won.Union(claimed.Intersect(other.Slots));
            }
        }

        Take(claimant, won);
        var lost = mineBefore.Except(Slots);
        if (MasterId is { } master)
        {
            if (!masterBefore.IsEmpty && Believes(master) is not { Slots.IsEmpty: false })
            {
                MasterId = claimant;
            }
        }
        else if (!lost.IsEmpty)
        {
            if (Slots.IsEmpty && Believes(claimant)!.Slots == lost)
            {
                // The sender has exactly what this one had: somebody failed over. Its data are replaced by the next full sync.
                MasterId = claimant;
                CloseAllSlots();
            }
            else
            {
                // The trap: keys of slots that were lost to a higher epoch are deleted.
                Data.RemoveSlots(lost);
            }
        }
    }

    /// <summary>Makes the node the only owner of the slots, in this view.</summary>
    void Take(NodeId owner, SlotSet slots)
    {
        if (owner != Id)
        {
            Slots = Slots.Except(slots);
        }
        else
        {
            Slots = Slots.Union(slots);
        }

        foreach (var (id, belief) in _others)
        {
            if (id == owner || belief.Slots.Overlaps(slots))
            {
                belief.Slots = id == owner ? belief.Slots.Union(slots) : belief.Slots.Except(slots);
            }
        }
    }

    SlotSet Covered() => _others.Values.Aggregate(Slots, (covered, belief) => covered.Union(belief.Slots));

    long HighestEpoch() => Math.Max(Epoch, _others.Values.Select(belief => belief.Epoch).DefaultIfEmpty().Max());

    bool IsBanned(NodeId node) => _banned.TryGetValue(node, out var since) && _network.Time.GetUtcNow() - since < Ban;
}
