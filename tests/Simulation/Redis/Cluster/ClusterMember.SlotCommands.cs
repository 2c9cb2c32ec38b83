using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Data;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>CLUSTER commands about slots and their keys.</summary>
sealed partial class ClusterMember
{
    /// <summary>How long Valkey waits for its replicas to confirm a SETSLOT.</summary>
    static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(2);

    public void SetSlot(RedisCommand command, Action<RespValue> reply)
    {
        if (RefuseSetSlot(command, out var slot, out var action, out var node) is { } refusal)
        {
            reply(refusal);
            return;
        }

        if (_server.Profile.ReplicatesSetSlot && _server.Replication.Replicas.Any(link => link.Stage == Replication.ReplicaStage.Online))
        {
            Confirm(command, slot, action, node, reply);
            return;
        }

        Apply(slot, action, node);
        reply(RespValue.Ok);
    }

    RespValue? RefuseSetSlot(RedisCommand command, out int slot, out string action, out KnownNode? node)
    {
        slot = 0;
        action = command.ArgumentText(3).ToUpperInvariant();
        node = FindByText(command.ArgumentText(4));
        if (Myself.IsReplica)
        {
            return Error("Please use SETSLOT only with masters.");
        }

        if (!TryReadSlot(command.ArgumentText(2), out slot))
        {
            return InvalidSlot;
        }

        var isMine = Myself.Slots.Contains(slot);
        switch (action)
        {
            case "STABLE":
                return null;
            case "MIGRATING" or "IMPORTING" or "NODE" when command.Arguments.Length >= 5:
                break;
            default:
                return Error("Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP");
        }

        if (action == "MIGRATING" && !isMine)
        {
            return Error(string.Create(CultureInfo.InvariantCulture, $"I'm not the owner of hash slot {slot}"));
        }

        if (action == "IMPORTING" && isMine)
        {
            return Error(string.Create(CultureInfo.InvariantCulture, $"I'm already the owner of hash slot {slot}"));
        }

        if (node is null)
        {
            return Error(action == "NODE" ? $"Unknown node {command.ArgumentText(4)}" : $"I don't know about node {command.ArgumentText(4)}");
        }

        if (node.IsReplica)
        {
            return Error("Target node is not a master");
        }

        if (_server.Profile.HasSlotJobs && node.IsMyself && action != "NODE")
        {
            return Error("Target node is myself");
        }

        return action == "NODE" && isMine && !node.IsMyself && _server.Data.Keys.HasKeysIn(slot)
            ? Error(string.Create(CultureInfo.InvariantCulture, $"Can't assign hashslot {slot} to a different node while I still hold keys for this hash slot."))
            : null;
    }

    /// <summary>Valkey: replicas first; without their word within two seconds it is done here all the same, unless none was there to ask.</summary>
    void Confirm(RedisCommand command, int slot, string action, KnownNode? node, Action<RespValue> reply)
    {
        _server.Replication.Append(new WriteOperation(WriteKind.SlotChange) { SlotChange = (slot, action, node?.Id) });
        var offset = _server.Replication.Applied;
        var isDone = false;
        var giveUp = _server.After(ConfirmationTimeout, () =>
        {
            if (!isDone)
            {
                isDone = true;
                reply(RespValue.Error("NOREPLICAS Not enough good replicas to write."));
            }
        });
        _server.Data.WhenReplicated(() =>
        {
            if (!isDone && _server.Replication.Replicas.All(link => link.Stage != Replication.ReplicaStage.Online || link.Acknowledged >= offset))
            {
                isDone = true;
                giveUp.Cancel();
                if (RefuseSetSlot(command, out _, out _, out _) is { } refusal)
                {
                    reply(refusal);
                }
                else
                {
                    Apply(slot, action, node);
                    reply(RespValue.Ok);
                }
            }

            return isDone;
        });
        _server.Replication.AskForAcknowledgements();
    }

    /// <summary>At a replica of Valkey: what its master was told about a slot.</summary>
    public void ApplyReplicated(int slot, string action, NodeId? id)
    {
        var node = id is { } known ? Find(known) : null;
        if (node is not null || id is null)
        {
            Apply(slot, action, node);
        }
    }

    /// <summary>Valkey: a full copy carries the master's open slots along.</summary>
    public (List<OpenSlot> Migrating, List<OpenSlot> Importing) CopyOpenSlots() =>
        ([.. _migrating.Select(open => new OpenSlot(open.Key, open.Value.Id))], [.. _importing.Select(open => new OpenSlot(open.Key, open.Value.Id))]);

    public void TakeOpenSlots((List<OpenSlot> Migrating, List<OpenSlot> Importing) open)
    {
        foreach (var (slot, peer) in open.Migrating)
        {
            _migrating.Open(slot, Find(peer) ?? AddNode(peer, Bus.NodeFlags.None));
        }

        foreach (var (slot, peer) in open.Importing)
        {
            _importing.Open(slot, Find(peer) ?? AddNode(peer, Bus.NodeFlags.None));
        }
    }

    void Apply(int slot, string action, KnownNode? node)
    {
        switch (action)
        {
            case "MIGRATING":
                _migrating.Open(slot, node!);
                break;
            case "IMPORTING":
                _importing.Open(slot, node!);
                break;
            case "STABLE":
                _migrating.Close(slot);
                _importing.Close(slot);
                break;
            default:
                AssignSlot(slot, node!);
                break;
        }

        Note(Todo.SaveConfig | Todo.UpdateState);
    }

    void AssignSlot(int slot, KnownNode owner)
    {
        if (!_server.Data.Keys.HasKeysIn(slot))
        {
            _migrating.Close(slot);
        }

        var wasMine = Myself.Slots.Contains(slot);
        Bind(owner, SlotSet.Of(slot));
        if (wasMine && !owner.IsMyself && Myself.Slots.IsEmpty && _server.Config.AllowsReplicaMigration)
        {
            SetMaster(owner, isFailover: false);
        }

        if (owner == Myself.Master && _server.Profile.ReplicatesSetSlot)
        {
            _importing.Close(slot);
        }

        if (owner.IsMyself && _importing.Close(slot))
        {
            TryBumpEpoch();
            BroadcastPong(toSiblingsOnly: false);
        }
    }

    RespValue AssignSlots(RedisCommand command, string name)
    {
        var isRange = name.EndsWith("RANGE", StringComparison.Ordinal);
        var isDelete = name.Contains("DEL", StringComparison.Ordinal);
        if (command.Arguments.Length < 3 || (isRange && int.IsOddInteger(command.Arguments.Length)))
        {
            return Error($"wrong number of arguments for '{name.ToLowerInvariant().Replace(' ', '|')}' command");
        }

        var slots = new SlotSetBuilder();
        var count = 0;
        var covered = Covered;
        for (var index = 2; index < command.Arguments.Length; index += isRange ? 2 : 1)
        {
            if (!TryReadSlot(command.ArgumentText(index), out var first) || !TryReadSlot(command.ArgumentText(isRange ? index + 1 : index), out var last))
            {
                return InvalidSlot;
            }

            if (first > last)
            {
                return Error(string.Create(CultureInfo.InvariantCulture, $"start slot number {first} is greater than end slot number {last}"));
            }

            var range = SlotSet.FromRange(first, last);
            var wrong = (isDelete ? range.Except(covered) : range.Intersect(covered)).NextSlot(0);
            if (wrong >= 0)
            {
                return Error(string.Create(CultureInfo.InvariantCulture, $"Slot {wrong} is already {(isDelete ? "unassigned" : "busy")}"));
            }

            slots.Add(first, last);
            count += range.Count;
        }

        var all = slots.Build();
        if (all.Count != count)
        {
            return Error("Slot specified multiple times");
        }

        if (isDelete)
        {
            Unbind(all);
        }
        else
        {
            foreach (var slot in _importing.Slots.Intersect(all))
            {
                _importing.Close(slot);
            }

            Bind(Myself, all);
        }

        Note(Todo.UpdateState | Todo.SaveConfig);
        return RespValue.Ok;
    }

    RespValue FlushSlots()
    {
        if (_server.Data.Keys.Count > 0)
        {
            return Error("DB must be empty to perform CLUSTER FLUSHSLOTS.");
        }

        Unbind(Myself.Slots);
        Note(Todo.UpdateState | Todo.SaveConfig);
        return RespValue.Ok;
    }

    RespValue CountKeys(RedisCommand command) =>
        TryReadSlot(command.ArgumentText(2), out var slot) ? RespValue.Integer(_server.Data.Keys.CountIn(slot)) : Error("Invalid slot");

    RespValue ListKeys(RedisCommand command) =>
        TryReadSlot(command.ArgumentText(2), out var slot) && int.TryParse(command.ArgumentText(3), NumberStyles.None, CultureInfo.InvariantCulture, out var max)
            ? RespValue.Array([.. _server.Data.Keys.KeysIn(slot, max).Select(RespValue.Text)])
            : Error("Invalid slot or number of keys");

    static RespValue InvalidSlot => Error("Invalid or out of range slot");

    static bool TryReadSlot(string text, out int slot) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out slot) && slot < SlotSet.SlotCount;
}
