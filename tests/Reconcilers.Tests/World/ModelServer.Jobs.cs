using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Server-side moves as Valkey 9 has them. A job ends when the test says so.</summary>
sealed partial class ModelServer
{
    readonly List<ModelJob> _jobs = [];

    public IReadOnlyList<ModelJob> Jobs => _jobs;

    /// <summary>All keys at once, then the owner: what the servers do when a job comes to its end.</summary>
    public void FinishJob(ModelJob job)
    {
        var target = _network.Find(Believes(job.Target)!.Address)!;
        foreach (var (key, value) in Data.All.Where(entry => job.Slots.Contains(SlotHash.Of(entry.Key))).ToList())
        {
            target.Data.Put(key, value);
            Data.Remove(key);
        }

        target.Take(target.Id, job.Slots);
        target.BumpEpoch();
        Take(target.Id, job.Slots);
        if (Believes(target.Id) is { } belief)
        {
            belief.Epoch = target.Epoch;
        }

        EndJob(job, "success", "");
    }

    public void EndJob(ModelJob job, string state, string message)
    {
        job.State = state;
        job.Message = message;
        job.UpdatedAt = _network.Time.GetUtcNow();
    }

    RespValue MigrateSlots(RedisCommand command)
    {
        if (!_network.HasValkeyJobs)
        {
            return RespValue.Error("ERR unknown subcommand 'migrateslots'. Try CLUSTER HELP.");
        }

        if (MasterId is not null)
        {
            return RespValue.Error("ERR Slot migration can only be used on primary nodes.");
        }

        var end = Enumerable.Range(2, command.Arguments.Length - 2).First(index => command.ArgumentText(index).Equals("NODE", StringComparison.OrdinalIgnoreCase));
        var slots = Ranges(command, 3, end);
        var target = NodeId.Parse(command.ArgumentText(end + 1));
        var running = _jobs.Where(job => job.IsRunning).Aggregate(SlotSet.Empty, (all, job) => all.Union(job.Slots));
        var error = Believes(target) is null ? $"ERR Unknown node name: {target}"
            : !slots.IsSubsetOf(Slots) ? "ERR Slots are not served by this node."
            : !Migrating.IsEmpty || !Importing.IsEmpty ? "ERR Slots are being manually imported/migrated"
            : slots.Overlaps(running) ? $"ERR I am already migrating slot {slots.Intersect(running).First()}."
            : null;
        if (error is not null)
        {
            return RespValue.Error(error);
        }

        var now = _network.Time.GetUtcNow();
        _jobs.Add(new ModelJob { Name = ModelRedis.NewId($"{Id} job {_jobs.Count}"), Slots = slots, Source = Id, Target = target, CreatedAt = now, UpdatedAt = now });
        return RespValue.Ok;
    }

    RespValue ListJobs()
    {
        if (!_network.HasValkeyJobs)
        {
            return RespValue.Error("ERR unknown subcommand 'getslotmigrations'. Try CLUSTER HELP.");
        }

        var imports = _network.Servers.SelectMany(server => server._jobs).Where(job => job.Target == Id);
        return RespValue.Array([.. _jobs.Select(job => Print(job, "EXPORT")), .. imports.Select(job => Print(job, "IMPORT"))]);
    }

    static RespValue Print(ModelJob job, string operation) => RespValue.Array(
        RespValue.Text("name"), RespValue.Text(job.Name.ToString()),
        RespValue.Text("operation"), RespValue.Text(operation),
        RespValue.Text("slot_ranges"), RespValue.Text(job.Slots.ToString(' ')),
        RespValue.Text("target_node"), RespValue.Text(job.Target.ToString()),
        RespValue.Text("source_node"), RespValue.Text(job.Source.ToString()),
        RespValue.Text("create_time"), RespValue.Integer(job.CreatedAt.ToUnixTimeSeconds()),
        RespValue.Text("last_update_time"), RespValue.Integer(job.UpdatedAt.ToUnixTimeSeconds()),
        RespValue.Text("last_ack_time"), RespValue.Integer(job.UpdatedAt.ToUnixTimeSeconds()),
        RespValue.Text("state"), RespValue.Text(job.State),
        RespValue.Text("message"), RespValue.Text(job.Message),
        RespValue.Text("cow_size"), RespValue.Integer(0));

    RespValue CancelJobs()
    {
        var running = _jobs.Where(job => job.IsRunning).ToList();
        running.ForEach(job => EndJob(job, "cancelled", ""));
        return running.Count == 0 ? RespValue.Error("ERR No migrations ongoing") : RespValue.Ok;
    }
}

/// <summary>One server-side move, kept by the node that gives the slots away.</summary>
sealed class ModelJob
{
    public required NodeId Name { get; init; }

    public required SlotSet Slots { get; init; }

    public required NodeId Source { get; init; }

    public required NodeId Target { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public string State { get; set; } = "snapshotting";

    public string Message { get; set; } = "";

    public bool IsRunning => State is not ("success" or "failed" or "cancelled" or "completed" or "canceled");
}
