namespace Slotwise.Redis.SlotMoves;

/// <summary>The commands of servers that move slots by themselves.</summary>
public static class SlotJobCommands
{
    const long UnsetTime = -1;

    /// <summary>COMMAND INFO: which kind of job the server knows; asked, because versions lie.</summary>
    public static RedisCommand<SlotMoveMethod> Method { get; } = new(ReadMethod, "COMMAND", "INFO", "cluster|migrateslots", "cluster|migration");

    /// <summary>CLUSTER GETSLOTMIGRATIONS: the jobs that this server takes part in, or did (Valkey 9.0).</summary>
    public static RedisCommand<IReadOnlyList<SlotMoveJob>> ValkeyJobs { get; } = new(reply => ReadAll(reply, ReadValkeyJob), "CLUSTER", "GETSLOTMIGRATIONS");

    /// <summary>CLUSTER MIGRATION STATUS ALL: the tasks that this server takes part in, or did (Redis 8.4).</summary>
    public static RedisCommand<IReadOnlyList<SlotMoveJob>> RedisTasks { get; } = new(reply => ReadAll(reply, ReadRedisTask), "CLUSTER", "MIGRATION", "STATUS", "ALL");

    /// <summary>CLUSTER CANCELSLOTMIGRATIONS, to the source: ends all its jobs, or answers <c>No migrations ongoing</c> (Valkey 9.0).</summary>
    public static RedisCommand<string> CancelValkeyJobs { get; } = new(Replies.Done, "CLUSTER", "CANCELSLOTMIGRATIONS");

    /// <summary>CLUSTER MIGRATION CANCEL, to the target: if the source is told, the target tries again. Answers how many were cancelled (Redis 8.4).</summary>
    public static RedisCommand<long> CancelRedisTask(string id) => new(Replies.Integer, "CLUSTER", "MIGRATION", "CANCEL", "ID", id);

    /// <summary>CLUSTER MIGRATESLOTS, to the source: starts one job for all slots, or refuses all of them (Valkey 9.0). At least one slot.</summary>
    public static RedisCommand<string> StartValkeyJob(SlotSet slots, NodeId target)
    {
        List<RedisArgument> arguments = ["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", .. Ends(slots), "NODE", target];
        return new(Replies.Done, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(arguments));
    }

    /// <summary>CLUSTER MIGRATION IMPORT, to the target: starts one task for all slots and answers its id (Redis 8.4). At least one slot; they have one owner.</summary>
    public static RedisCommand<string> StartRedisTask(SlotSet slots)
    {
        List<RedisArgument> arguments = ["CLUSTER", "MIGRATION", "IMPORT", .. Ends(slots)];
        return new(Replies.Text, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(arguments));
    }

    static IEnumerable<RedisArgument> Ends(SlotSet slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentOutOfRangeException.ThrowIfZero(slots.Count, nameof(slots));
        return slots.Ranges.SelectMany(range => new RedisArgument[] { range.First, range.Last });
    }

    static SlotMoveMethod ReadMethod(RespValue reply) => reply.Items switch
    {
        [{ IsNull: false }, _] => SlotMoveMethod.ValkeyJob,
        [_, { IsNull: false }] => SlotMoveMethod.RedisTask,
        _ => SlotMoveMethod.SetSlot,
    };

    static List<SlotMoveJob> ReadAll(RespValue reply, Func<RespValue, SlotMoveJob> read)
    {
        var jobs = new List<SlotMoveJob>(reply.Items.Length);
        foreach (var item in reply.Items)
        {
            jobs.Add(read(item));
        }

        return jobs;
    }

    static SlotMoveJob ReadValkeyJob(RespValue job) => new(
        Text(job, "name"),
        SlotMoveMethod.ValkeyJob,
        Text(job, "operation") == "EXPORT",
        Slots(Text(job, "slot_ranges")),
        Node(job, "source_node"),
        Node(job, "target_node"),
        Text(job, "state") switch
        {
            "success" => SlotMoveJobState.Done,
            "failed" => SlotMoveJobState.Failed,
            "cancelled" => SlotMoveJobState.Cancelled,
            _ => SlotMoveJobState.InProgress,
        },
        Text(job, "message") is { Length: > 0 } message ? message : Text(job, "state"),
        Number(job, "last_update_time") is { } seconds and > 0 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null);

    static SlotMoveJob ReadRedisTask(RespValue task) => new(
        Text(task, "id"),
        SlotMoveMethod.RedisTask,
        Text(task, "operation") == "migrate",
        Slots(Text(task, "slots")),
        Node(task, "source"),
        Node(task, "dest"),
        Text(task, "state") switch
        {
            "completed" => SlotMoveJobState.Done,
            "failed" => SlotMoveJobState.Failed,
            "canceled" => SlotMoveJobState.Cancelled,
            _ => SlotMoveJobState.InProgress,
        },
        Text(task, "last_error") is { Length: > 0 } error ? error : Text(task, "state"),
        RedisTaskTime(task));

    static DateTimeOffset? RedisTaskTime(RespValue task)
    {
        foreach (var field in (string[])["end_time", "start_time", "create_time"])
        {
            if (Number(task, field) is { } milliseconds and > UnsetTime and not 0)
            {
                return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            }
        }

        return null;
    }

    static SlotSet Slots(string ranges) => SlotSet.TryParse(ranges, out var slots) ? slots : throw new FormatException($"\"{ranges}\" are no slot ranges");

    static string Text(RespValue map, string field) => map.TryGetEntry(field, out var value) ? value.AsText() ?? "" : "";

    static long? Number(RespValue map, string field) => map.TryGetEntry(field, out var value) && value.TryGetInteger(out var number) ? number : null;

    static NodeId? Node(RespValue map, string field) => NodeId.TryParse(Text(map, field), out var id) ? id : null;
}
