using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>Who owns which slot, and how that changes by what others claim: clusterUpdateSlotsConfigWith.</summary>
sealed partial class ClusterMember
{
    /// <summary>owner_not_claiming_slot: slots that their owner, in our table, no longer claims.</summary>
    SlotSet _unclaimed = SlotSet.Empty;

    SlotSet Covered
    {
        get
        {
            var covered = SlotSet.Empty;
            foreach (var node in _nodes)
            {
                covered = covered.Union(node.Slots);
            }

            return covered;
        }
    }

    void HearSlots(KnownNode sender, BusMessage message)
    {
        if ((sender.IsMaster ? sender : sender.Master) is not { } master || master.Slots.Equals(message.Slots))
        {
            return;
        }

        if (sender.IsMaster)
        {
            BelieveSlots(sender, message.ConfigEpoch, message.Slots);
        }

        // Somebody claims slots for which we know an owner with a newer epoch: it is told.
        KnownNode? newer = null;
        var lowest = SlotSet.SlotCount;
        foreach (var node in _nodes)
        {
            if (node != sender && node.ConfigEpoch > message.ConfigEpoch && node.Slots.Overlaps(message.Slots))
            {
                var slot = node.Slots.Intersect(message.Slots).Except(_unclaimed).NextSlot(0);
                if (slot >= 0 && slot < lowest)
                {
                    (newer, lowest) = (node, slot);
                }
            }
        }

        if (newer is not null)
        {
            SendUpdate(sender.Link, newer);
        }
    }

    void BelieveSlots(KnownNode claimant, long epoch, SlotSet claimed)
    {
        if (claimant == Myself)
        {
            return;
        }

        var isSibling = AreInSameShard(claimant, Myself);
        var current = Myself.IsMaster ? Myself : Myself.Master;
        var before = claimant.Slots;
        var candidates = claimed.Except(before);
        if (!_server.Profile.IsValkey)
        {
            candidates = candidates.Except(Importing);
        }

        var won = candidates.Intersect(SlotSet.Full.Except(Covered).Union(_unclaimed));
        foreach (var node in _nodes)
        {
            if (node.ConfigEpoch < epoch && node.Slots.Overlaps(candidates))
            {
                won = won.Union(candidates.Intersect(node.Slots));
            }
        }

        var lost = won.Intersect(Myself.Slots);
        var taken = current is null ? SlotSet.Empty : won.Intersect(current.Slots);
        if (!won.IsEmpty)
        {
            Bind(claimant, won);
            Note(Todo.SaveConfig | Todo.UpdateState);
        }

        _unclaimed = _unclaimed.Except(claimed.Intersect(before)).Except(won).Union(before.Except(claimed));
        if (_server.Profile.IsValkey)
        {
            FollowOpenSlots(claimant, epoch, claimed, won, isSibling);
        }

        // The same bits in one object make the next comparison cheap.
        if (claimant.Slots.Equals(claimed))
        {
            claimant.Slots = claimed;
        }

        if (!taken.IsEmpty && current!.Slots.IsEmpty && (_server.Config.AllowsReplicaMigration || (_server.Profile.IsValkey ? isSibling : claimed.Count == taken.Count)))
        {
            Trace("follows the new owner of its slots", claimant);
            SetMaster(claimant, isFailover: isSibling);
            Note(Todo.SaveConfig | Todo.UpdateState);
        }
        else if (!_server.Profile.IsValkey && Myself.Master is { Master: { } grandmaster } && grandmaster != Myself)
        {
            SetMaster(grandmaster, isFailover: false);
            Note(Todo.SaveConfig | Todo.UpdateState);
        }
        else if (!lost.IsEmpty && !(_server.Profile.IsValkey && !taken.IsEmpty && current!.Slots.IsEmpty))
        {
            // The trap: keys of slots that were lost to a newer epoch are deleted.
            _server.Data.DeleteLost(lost);
        }
    }

    /// <summary>Valkey: open slots follow a failover on either side, and are closed when somebody else gets them.</summary>
    void FollowOpenSlots(KnownNode claimant, long epoch, SlotSet claimed, SlotSet won, bool isSibling)
    {
        FollowTargets(claimant, epoch, claimed, isSibling ? SlotSet.Empty : won);
        foreach (var slot in _importing.Slots.Intersect(won))
        {
            var source = _importing[slot]!;
            if (source != claimant && AreInSameShard(claimant, source))
            {
                _importing.Open(slot, claimant);
            }
            else if (source != claimant)
            {
                _importing.Close(slot);
            }
        }

        if (Myself.IsMaster && _importing.Peers.Contains(claimant))
        {
            TakeGivenUp(claimant, _importing.Slots.Except(claimed));
        }
    }

    void FollowTargets(KnownNode claimant, long epoch, SlotSet claimed, SlotSet gone)
    {
        foreach (var slot in _migrating.Slots.Intersect(gone))
        {
            _migrating.Close(slot);
        }

        if (!_migrating.Peers.Any(IsReplaced))
        {
            return;
        }

        foreach (var slot in _migrating.Slots.Except(claimed))
        {
            if (IsReplaced(_migrating[slot]!))
            {
                _migrating.Open(slot, claimant);
                Note(Todo.SaveConfig);
            }
        }

        bool IsReplaced(KnownNode target) => target != claimant && (target.ConfigEpoch < epoch || target.IsReplica) && AreInSameShard(target, claimant);
    }

    void TakeGivenUp(KnownNode source, SlotSet slots)
    {
        foreach (var slot in slots)
        {
            if (_importing[slot] == source)
            {
                _importing.Close(slot);
                if (!Myself.Slots.Contains(slot))
                {
                    Bind(Myself, SlotSet.Of(slot));
                    TryBumpEpoch();
                    Note(Todo.SaveConfig | Todo.UpdateState);
                }
            }
        }
    }

    /// <summary>clusterAddSlot, of slots that others may own.</summary>
    void Bind(KnownNode owner, SlotSet slots)
    {
        Unbind(slots);
        owner.Slots = owner.Slots.Union(slots);
        if (_server.Profile.ClearsUnclaimedMark)
        {
            _unclaimed = _unclaimed.Except(slots);
        }
    }

    /// <summary>clusterDelSlot</summary>
    void Unbind(SlotSet slots)
    {
        if (slots.IsEmpty)
        {
            return;
        }

        foreach (var node in _nodes)
        {
            if (node.Slots.Overlaps(slots))
            {
                node.Slots = node.Slots.Except(slots);
            }
        }

        if (_server.Profile.ClearsUnclaimedMark)
        {
            _unclaimed = _unclaimed.Except(slots);
        }
    }

    /// <summary>clusterSetMaster</summary>
    void SetMaster(KnownNode master, bool isFailover)
    {
        if (_server.Profile.IsValkey ? !isFailover : Myself.IsMaster)
        {
            CloseAllSlots();
        }

        if (Myself.IsMaster)
        {
            Myself.Flags = (Myself.Flags & ~NodeFlags.Master) | NodeFlags.Replica;
        }
        else
        {
            Myself.Master?.Replicas.Remove(Myself);
        }

        Myself.Master = master;
        Myself.ShardId = master.ShardId;
        master.Replicas.Remove(Myself);
        master.Replicas.Add(Myself);
        _server.Replication.Follow(master.Ip, master.Port);
        ResetManualFailover();
        if (_server.Profile.ResetsElections)
        {
            _electionAt = null;
        }
    }

    void CloseAllSlots()
    {
        _migrating.CloseAll();
        _importing.CloseAll();
    }

    void Trace(string what, KnownNode about) => _server.Trace($"{what}: {Name(about)}");
}
