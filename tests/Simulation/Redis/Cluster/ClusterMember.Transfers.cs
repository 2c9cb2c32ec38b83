using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>Moves of slots that servers carry out themselves: CLUSTER MIGRATESLOTS of Valkey 9, told to the source, and CLUSTER MIGRATION of Redis 8.4, told to the target.</summary>
sealed partial class ClusterMember
{
    /// <summary>Redis begins a failed task again after so long, until it is cancelled.</summary>
    static readonly TimeSpan TaskRetry = TimeSpan.FromSeconds(1);

    readonly List<TransferRecord> _transfers = [];

    /// <summary>Slots of transfers that go on.</summary>
    SlotSet InTransfer => _transfers.Where(record => record.IsRunning).Aggregate(SlotSet.Empty, (all, record) => all.Union(record.Slots));

    /// <summary>A master wrote something: a transfer of its slot carries it along.</summary>
    public void FollowWrite(WriteOperation operation)
    {
        foreach (var record in _transfers)
        {
            if (record is { IsRunning: true, IsExport: true })
            {
                record.Transfer?.Follow(operation);
            }
        }
    }

    /// <summary>The target of a transfer owns the slots from now on.</summary>
    public void TakeSlots(SlotSet slots)
    {
        Bind(Myself, slots);
        TryBumpEpoch();
        BroadcastPong(toSiblingsOnly: false);
        Note(Todo.SaveConfig | Todo.UpdateState);
    }

    /// <summary>The source of a transfer hears that it is done.</summary>
    public void GiveSlots(SlotSet slots, NodeId to)
    {
        if (Find(to) is { } owner && slots.Overlaps(Myself.Slots))
        {
            Bind(owner, slots.Intersect(Myself.Slots));
            Note(Todo.SaveConfig | Todo.UpdateState);
        }
    }

    public void TransferEnded(TransferRecord record)
    {
        if (_server.Profile.HasSlotTasks && !record.IsExport && record.State == TransferState.Failed)
        {
            _server.After(TaskRetry, () => RetryTask(record));
        }
    }

    /// <summary>The process ends.</summary>
    public void DropTransfers()
    {
        foreach (var record in _transfers.Where(record => record.IsRunning))
        {
            record.Transfer?.LoseProcess(_server);
        }
    }

    RespValue ExecuteTransfer(RedisCommand command, string name) => name switch
    {
        "CLUSTER MIGRATESLOTS" when _server.Profile.HasSlotJobs => StartJobs(command),
        "CLUSTER GETSLOTMIGRATIONS" when _server.Profile.HasSlotJobs => RespValue.Array([.. _transfers.Select(DescribeJob)]),
        "CLUSTER CANCELSLOTMIGRATIONS" when _server.Profile.HasSlotJobs => CancelJobs(),
        "CLUSTER MIGRATION" when _server.Profile.HasSlotTasks => command.ArgumentText(2).ToUpperInvariant() switch
        {
            "IMPORT" => StartTask(command),
            "STATUS" => RespValue.Array([.. _transfers.Select(DescribeTask)]),
            "CANCEL" => CancelTasks(command),
            _ => Error("unknown subcommand"),
        },
        _ => Error($"unknown subcommand '{command.ArgumentText(1).ToLowerInvariant()}'. Try CLUSTER HELP."),
    };

    RespValue StartJobs(RedisCommand command)
    {
        if (Myself.IsReplica)
        {
            return Error("Slot migration can only be used on primary nodes.");
        }

        var jobs = new List<(SlotSet Slots, KnownNode Target)>();
        for (var index = 2; index < command.Arguments.Length;)
        {
            var end = index + 1;
            while (end < command.Arguments.Length && !command.ArgumentText(end).Equals("NODE", StringComparison.OrdinalIgnoreCase))
            {
                end++;
            }

            if (RefuseJob(command, index + 1, end, out var slots, out var target) is { } refusal)
            {
                return refusal;
            }

            jobs.Add((slots, target!));
            index = end + 2;
        }

        foreach (var (slots, target) in jobs)
        {
            var record = new TransferRecord(_server.RandomId(), isExport: true, slots, Myself.Id, target.Id, Now);
            _transfers.Add(record);
            Reach(target, record, process => process.Cluster.Join(record.Name, isExport: false, slots, Myself.Id, target.Id) is { } theirs ? new SlotTransfer(_server, process, record, theirs) : null);
        }

        return RespValue.Ok;
    }

    RespValue? RefuseJob(RedisCommand command, int from, int to, out SlotSet slots, out KnownNode? target)
    {
        slots = SlotSet.Empty;
        target = FindByText(command.ArgumentText(to + 1));
        if (ReadRanges(command, from, to) is not { } read)
        {
            return InvalidSlot;
        }

        slots = read;
        var running = slots.Intersect(InTransfer).NextSlot(0);
        return target is null ? Error($"Unknown node name: {command.ArgumentText(to + 1)}")
            : target.IsMyself ? Error("Target node can not be this node.")
            : !slots.IsSubsetOf(Myself.Slots) ? Error("Slots are not served by this node.")
            : _migrating.Count + _importing.Count > 0 ? Error("Slots are being manually imported/migrated")
            : running >= 0 ? Error(string.Create(CultureInfo.InvariantCulture, $"I am already migrating slot {running}."))
            : null;
    }

    RespValue CancelJobs()
    {
        var running = _transfers.Where(record => record is { IsRunning: true, IsExport: true }).ToList();
        foreach (var record in running)
        {
            Stop(record);
        }

        return running.Count == 0 ? Error("No migrations ongoing") : RespValue.Ok;
    }

    RespValue StartTask(RedisCommand command)
    {
        if (Myself.IsReplica)
        {
            return Error("slot migration not allowed on replica.");
        }

        if (_migrating.Count + _importing.Count > 0)
        {
            return Error("all slot states must be STABLE to start a slot migration task.");
        }

        if (ReadRanges(command, 3, command.Arguments.Length) is not { } slots)
        {
            return InvalidSlot;
        }

        if (slots.Except(Covered).NextSlot(0) is >= 0 and var unowned)
        {
            return Error(string.Create(CultureInfo.InvariantCulture, $"slot has no owner: {unowned}"));
        }

        var owners = _nodes.Where(node => node.Slots.Overlaps(slots)).ToList();
        if (owners.Contains(Myself))
        {
            return Error("this node is already the owner of the slot range");
        }

        if (owners is not [var source])
        {
            return Error("slots belong to different source nodes");
        }

        if (_transfers.Exists(record => record.IsRunning))
        {
            return Error("another ASM task is already in progress");
        }

        // A new task replaces those that failed and would be begun again.
        _transfers.RemoveAll(record => record is { IsExport: false, State: TransferState.Failed });
        var task = new TransferRecord(_server.RandomId(), isExport: false, slots, source.Id, Myself.Id, Now);
        _transfers.Add(task);
        StartTask(task, source);
        return RespValue.Text(task.Name.ToString());
    }

    void StartTask(TransferRecord task, KnownNode source) =>
        Reach(source, task, process => process.Cluster.Join(task.Name, isExport: true, task.Slots, source.Id, Myself.Id) is { } theirs ? new SlotTransfer(process, _server, theirs, task) : null);

    void RetryTask(TransferRecord task)
    {
        if (task.State == TransferState.Failed && _transfers.Contains(task) && Myself.IsMaster && Find(task.Source) is { } source)
        {
            task.Retries++;
            task.Enter(TransferState.Connecting, Now);
            StartTask(task, source);
        }
    }

    RespValue CancelTasks(RedisCommand command)
    {
        var id = command.ArgumentText(3).Equals("ID", StringComparison.OrdinalIgnoreCase) ? command.ArgumentText(4) : null;
        var count = 0;
        foreach (var record in _transfers.Where(record => record.State is not (TransferState.Done or TransferState.Cancelled) && (id is null || record.Name.ToString() == id)).ToList())
        {
            Stop(record);
            count++;
        }

        return RespValue.Integer(count);
    }

    void Stop(TransferRecord record)
    {
        if (record is { IsRunning: true, Transfer: { } transfer })
        {
            transfer.Cancel(atTarget: !record.IsExport);
        }
        else
        {
            record.Enter(TransferState.Cancelled, Now);
        }
    }

    /// <summary>The other side of a transfer takes part, or refuses.</summary>
    TransferRecord? Join(NodeId name, bool isExport, SlotSet slots, NodeId source, NodeId target)
    {
        var isPossible = Myself.IsMaster && !_server.Data.IsLoading && _migrating.Count + _importing.Count == 0 && !slots.Overlaps(InTransfer)
            && (isExport ? slots.IsSubsetOf(Myself.Slots) : !slots.Overlaps(Myself.Slots));
        if (!isPossible)
        {
            return null;
        }

        _transfers.RemoveAll(record => record.Name == name);
        var joined = new TransferRecord(name, isExport, slots, source, target, Now);
        _transfers.Add(joined);
        return joined;
    }

    void Reach(KnownNode node, TransferRecord record, Func<ServerProcess, SlotTransfer?> join) =>
        _server.World.Dial(_server.Address, node.Ip, node.Port, () => record.IsRunning && _server.IsRunning, process =>
        {
            if (process is null)
            {
                _server.Receive(() => Refuse(record, "Unable to connect to the other node"));
                return;
            }

            process.Receive(() =>
            {
                if (!record.IsRunning || !_server.IsRunning)
                {
                    return;
                }

                if (join(process) is not { } transfer)
                {
                    _server.Receive(() => Refuse(record, "The other node refused"));
                    return;
                }

                transfer.SourceRecord.Transfer = transfer;
                transfer.TargetRecord.Transfer = transfer;
                transfer.Source.Receive(transfer.Begin);
            });
        });

    void Refuse(TransferRecord record, string message)
    {
        if (record.IsRunning)
        {
            record.Message = message;
            record.Enter(TransferState.Failed, Now);
            TransferEnded(record);
        }
    }

    static SlotSet? ReadRanges(RedisCommand command, int from, int to)
    {
        var slots = new SlotSetBuilder();
        for (var index = from; index < to; index += 2)
        {
            if (!TryReadSlot(command.ArgumentText(index), out var first) || !TryReadSlot(command.ArgumentText(index + 1), out var last) || first > last)
            {
                return null;
            }

            slots.Add(first, last);
        }

        return slots.Build();
    }
}
