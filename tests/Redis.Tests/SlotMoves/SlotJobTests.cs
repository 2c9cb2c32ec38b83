using System.Diagnostics;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Servers that move slots by themselves: what they answer, and what they are asked.</summary>
public sealed class SlotJobTests
{
    static readonly NodeId Source = NodeId.Parse(new string('a', NodeId.TextLength));
    static readonly NodeId Target = NodeId.Parse(new string('b', NodeId.TextLength));

    [Theory]
    [InlineData("success", SlotMoveJobState.Done)]
    [InlineData("failed", SlotMoveJobState.Failed)]
    [InlineData("cancelled", SlotMoveJobState.Cancelled)]
    [InlineData("snapshotting", SlotMoveJobState.InProgress)]
    [InlineData("a-stage-of-next-year", SlotMoveJobState.InProgress)]
    public void Reads_jobs_of_Valkey(string state, SlotMoveJobState expected)
    {
        var reply = RespValue.Array(RespValue.Map(
            Text("name"), Text("0123456789012345678901234567890123456789"),
            Text("operation"), Text("EXPORT"),
            Text("slot_ranges"), Text("0-5 7-7"),
            Text("target_node"), Text(Target.ToString()),
            Text("source_node"), Text(Source.ToString()),
            Text("last_update_time"), RespValue.Integer(1_760_000_000),
            Text("state"), Text(state),
            Text("message"), Text("")));

        var job = Assert.Single(SlotJobCommands.ValkeyJobs.Read(reply));

        Assert.Equal((expected, true, "0-5,7"), (job.State, job.IsExport, job.Slots.ToString()));
        Assert.Equal((Source, Target, SlotMoveMethod.ValkeyJob), (job.Source!.Value, job.Target!.Value, job.Method));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_760_000_000), job.UpdatedAt);
        Assert.Equal(state, job.Message);
    }

    /// <summary>A replica lists the jobs of its master without the nodes.</summary>
    [Fact]
    public void Reads_a_job_without_nodes()
    {
        var job = Assert.Single(SlotJobCommands.ValkeyJobs.Read(RespValue.Array(RespValue.Array(Text("name"), Text("x"), Text("operation"), Text("IMPORT"), Text("slot_ranges"), Text("1"), Text("state"), Text("failed"), Text("message"), Text("why")))));

        Assert.Equal((null, null, false, "why"), (job.Source, job.Target, job.IsExport, job.Message));
    }

    [Theory]
    [InlineData("completed", "", SlotMoveJobState.Done)]
    [InlineData("canceled", "", SlotMoveJobState.Cancelled)]
    [InlineData("failed", "timeout", SlotMoveJobState.Failed)]
    [InlineData("streaming-buffer", "", SlotMoveJobState.InProgress)]
    public void Reads_tasks_of_Redis(string state, string error, SlotMoveJobState expected)
    {
        // RESP2: a flat array
        var reply = RespValue.Array(RespValue.Array(
            Text("id"), Text("task"), Text("slots"), Text("0-5 7-7"), Text("source"), Text(Source.ToString()), Text("dest"), Text(Target.ToString()),
            Text("operation"), Text("import"), Text("state"), Text(state), Text("last_error"), Text(error), Text("retries"), RespValue.Integer(2),
            Text("create_time"), RespValue.Integer(1_760_000_000_000), Text("start_time"), RespValue.Integer(1_760_000_001_000), Text("end_time"), RespValue.Integer(-1)));

        var job = Assert.Single(SlotJobCommands.RedisTasks.Read(reply));

        Assert.Equal((expected, false, "0-5,7", "task"), (job.State, job.IsExport, job.Slots.ToString(), job.Id));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_001_000), job.UpdatedAt);
        Assert.Equal(error.Length > 0 ? error : state, job.Message);
    }

    /// <summary>Redis 8.4, written from its documentation: the target is asked, by ranges, and answers a task.</summary>
    [Fact]
    public async Task Redis_is_asked_at_the_target()
    {
        await using var source = FakeServer.Start(command => AnswerAs(Source, command));
        await using var target = FakeServer.Start(command => AnswerAs(Target, command));
        await using var giver = await RedisConnection.ConnectAsync(source.Endpoint);
        await using var taker = await RedisConnection.ConnectAsync(target.Endpoint);
        Assert.Equal(SlotMoveMethod.RedisTask, await taker.ExecuteAsync(SlotJobCommands.Method));
        var slots = SlotSet.Parse("0-99,200-299");

        var result = await MoveAsync(SlotMoveMethod.RedisTask, giver, taker, slots);

        Assert.Equal(slots, result.Started);
        Assert.Contains("CLUSTER MIGRATION IMPORT 0 99 200 299", target.Received);
        Assert.DoesNotContain(source.Received, command => command.Contains("MIGRATION", StringComparison.Ordinal) || command.Contains("SETSLOT", StringComparison.Ordinal));
        Assert.Equal(1, await taker.ExecuteAsync(SlotJobCommands.CancelRedisTask("task-1")));
        Assert.Contains("CLUSTER MIGRATION CANCEL ID task-1", target.Received);
    }

    [Fact]
    public async Task A_refusal_is_reported()
    {
        await using var source = FakeServer.Start(command => AnswerAs(Source, command));
        await using var target = FakeServer.Start(command => command is ["CLUSTER", "MIGRATION", ..]
            ? RespValue.Error("ERR another ASM task is already in progress")
            : AnswerAs(Target, command));
        await using var giver = await RedisConnection.ConnectAsync(source.Endpoint);
        await using var taker = await RedisConnection.ConnectAsync(target.Endpoint);

        var result = await MoveAsync(SlotMoveMethod.RedisTask, giver, taker, SlotSet.FromRange(0, 9));

        Assert.True(result.Started.IsEmpty);
        var obstacle = Assert.Single(result.Obstacles);
        Assert.Equal(SlotMoveObstacleKind.Refused, obstacle.Kind);
        Assert.Contains("another ASM task", obstacle.Message, StringComparison.Ordinal);
    }

    /// <summary>On a real one, where there is one.</summary>
    [Fact]
    public async Task Redis_of_today_moves_slots_by_itself()
    {
        var programs = Environment.GetEnvironmentVariable("REDIS84_BIN");
        Assert.SkipWhen(string.IsNullOrEmpty(programs), "REDIS84_BIN names no directory with the programs of Redis 8.4 or later");
        await using var cluster = await MovingCluster.StartAsync([Path.Combine(programs!, "redis-server")], masters: 2);
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        Assert.Equal(SlotMoveMethod.RedisTask, await target.ExecuteAsync(SlotJobCommands.Method));
        var slots = SlotSet.Parse("0-99,200-299");
        var keys = await KeysOfEveryType.WriteAsync(source, slots);

        var move = new SlotMove { Source = new SlotMoveEnd(source, cluster.Ids[0]), Target = new SlotMoveEnd(target, cluster.Ids[1]), Slots = slots, MaxStall = TimeSpan.FromSeconds(1) };
        var result = await new JobMover(SlotMoveMethod.RedisTask, TimeProvider.System).MoveAsync(move, CancellationToken.None);

        Assert.Equal(slots, result.Started);
        for (var start = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            var job = Assert.Single(await target.ExecuteAsync(SlotJobCommands.RedisTasks));
            Assert.NotEqual(SlotMoveJobState.Failed, job.State);
            Assert.Equal((slots, false), (job.Slots, job.IsExport));
            if (job.State == SlotMoveJobState.Done)
            {
                break;
            }

            Assert.True(start.Elapsed < TimeSpan.FromSeconds(60), $"the task is still {job.Message} after a minute");
        }

        await keys.AssertAsync(target);
        Assert.True(slots.IsSubsetOf((await target.ExecuteAsync(ClusterCommands.Nodes)).Myself!.Slots));
    }

    static Task<SlotMoveResult> MoveAsync(SlotMoveMethod method, IRedisSession source, IRedisSession target, SlotSet slots) =>
        new JobMover(method, TimeProvider.System).MoveAsync(
            new SlotMove { Source = new SlotMoveEnd(source, Source), Target = new SlotMoveEnd(target, Target), Slots = slots, MaxStall = TimeSpan.FromSeconds(1) },
            CancellationToken.None);

    static RespValue AnswerAs(NodeId id, IReadOnlyList<string> command) => command switch
    {
        ["COMMAND", "INFO", ..] => RespValue.Array(RespValue.Null, RespValue.Array(Text("cluster|migration"))),
        ["CLUSTER", "NODES"] => Text(
            $"{Source} 10.0.0.1:6379@16379 {(id == Source ? "myself," : "")}master - 0 0 1 connected 0-16383\n"
            + $"{Target} 10.0.0.2:6379@16379 {(id == Target ? "myself," : "")}master - 0 0 2 connected\n"),
        ["CLUSTER", "INFO"] => Text("cluster_state:ok\r\n"),
        ["INFO", ..] => Text("redis_version:8.4.0\r\n"),
        ["CLUSTER", "MIGRATION", "IMPORT", ..] => Text("task-1"),
        ["CLUSTER", "MIGRATION", "CANCEL", ..] => RespValue.Integer(1),
        _ => RespValue.Error($"ERR the script does not know {string.Join(' ', command)}"),
    };

    static RespValue Text(string text) => RespValue.Text(text);
}
