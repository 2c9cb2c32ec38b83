using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Server-side moves as Redis 8.4 has them: tasks of the node that takes the slots. A task ends when the test says so.</summary>
sealed partial class ModelServer
{
    readonly List<ModelJob> _tasks = [];

    /// <summary>The moves in which this server takes slots.</summary>
    public IReadOnlyList<ModelJob> Tasks => _tasks;

    RespValue Migration(RedisCommand command) => command.ArgumentText(2) switch
    {
        "IMPORT" => Import(Ranges(command, 3, command.Arguments.Length)),
        "STATUS" => RespValue.Array(
        [
            .. _tasks.Select(task => PrintTask(task, "import")),
            .. _network.Servers.SelectMany(server => server._tasks).Where(task => task.Source == Id).Select(task => PrintTask(task, "migrate")),
        ]),
        "CANCEL" => CancelTask(command.ArgumentText(4)),
        _ => RespValue.Error("ERR unknown subcommand"),
    };

    RespValue Import(SlotSet slots)
    {
        var owners = _others.Where(other => other.Value.Slots.Overlaps(slots)).ToList();
        if (MasterId is not null)
        {
            return RespValue.Error("ERR slot migration not allowed on replica.");
        }

        if (!Migrating.IsEmpty || !Importing.IsEmpty)
        {
            return RespValue.Error("ERR All slot states must be STABLE to start a slot migration task.");
        }

        if (owners is not [var owner])
        {
            return RespValue.Error("ERR slots belong to different source nodes");
        }

        if (_tasks.Exists(task => task.IsRunning))
        {
            return RespValue.Error("ERR another ASM task is already in progress");
        }

        var now = _network.Time.GetUtcNow();
        var task = new ModelJob { Name = ModelRedis.NewId($"{Id} task {_tasks.Count}"), Slots = slots, Source = owner.Key, Target = Id, CreatedAt = now, UpdatedAt = now, State = "send-bulk-and-stream" };
        _tasks.Add(task);
        return RespValue.Text(task.Name.ToString());
    }

    RespValue CancelTask(string id)
    {
        var cancelled = _tasks.Where(task => task.Name.ToString() == id && task.State is not ("completed" or "canceled")).ToList();
        cancelled.ForEach(task => EndJob(task, "canceled", task.Message));
        return RespValue.Integer(cancelled.Count);
    }

    static RespValue PrintTask(ModelJob task, string operation) => RespValue.Array(
        RespValue.Text("id"), RespValue.Text(task.Name.ToString()),
        RespValue.Text("slots"), RespValue.Text(task.Slots.ToString(' ')),
        RespValue.Text("source"), RespValue.Text(task.Source.ToString()),
        RespValue.Text("dest"), RespValue.Text(task.Target.ToString()),
        RespValue.Text("operation"), RespValue.Text(operation),
        RespValue.Text("state"), RespValue.Text(task.State),
        RespValue.Text("last_error"), RespValue.Text(task.Message),
        RespValue.Text("retries"), RespValue.Text(task.IsRunning ? "0" : "1"),
        RespValue.Text("create_time"), RespValue.Integer(task.CreatedAt.ToUnixTimeMilliseconds()),
        RespValue.Text("start_time"), RespValue.Integer(task.CreatedAt.ToUnixTimeMilliseconds()),
        RespValue.Text("end_time"), RespValue.Integer(task.IsRunning ? -1 : task.UpdatedAt.ToUnixTimeMilliseconds()),
        RespValue.Text("write_pause_ms"), RespValue.Integer(0));
}
