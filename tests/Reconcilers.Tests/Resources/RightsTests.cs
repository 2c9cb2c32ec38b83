using System.Diagnostics;
using System.Text;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;
using Slotwise.Redis.Tests.SlotMoves;

namespace Slotwise.Reconcilers.Tests.Resources;

/// <summary>Real servers with the operator's own ACL file: every command that is sent is allowed.</summary>
public sealed class RightsTests : IDisposable
{
    const string Library = "#!lua name=numbers\nredis.register_function('one', function() return 1 end)";

    static readonly RedisCredentials Operator = new(Credentials.OperatorUser, "password-of-the-operator");
    static readonly RedisCredentials Replication = new(Credentials.ReplicationUser, "password-of-the-replicas");
    static readonly SlotSet Some = SlotSet.FromRange(0, 300);

    readonly string _file = Path.GetTempFileName();

    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task The_operator_may_do_all_that_it_does(string product, string version)
    {
        await using var cluster = await StartAsync(product, version);
        await using var user = await cluster.ConnectAsync(0);
        await user.ExecuteAsync(new RedisCommand("FUNCTION", "LOAD", Library));
        var source = await cluster.EndAsync(0, Operator);
        await using var giver = source.Session;
        var target = await cluster.EndAsync(1, Operator);
        await using var taker = target.Session;

        RedisCommand[] questions =
        [
            ServerCommands.Ping,
            ServerCommands.Info("server", "memory"),
            ClusterCommands.Info,
            ClusterCommands.Nodes,
            SlotJobCommands.Method,
            ServerCommands.ConfigGet("cluster-node-timeout"),
            ServerCommands.ConfigSet("cluster-node-timeout", "2500"),
            ServerCommands.FunctionLibraryCount,
            new RedisCommand("MULTI"),
            new RedisCommand("EXEC"),
            ServerCommands.FunctionDump,
        ];
        var replies = await giver.ExecuteAsync(questions, TimeSpan.FromSeconds(5), default);
        Assert.All(replies, reply => Assert.False(reply.IsError, reply.ErrorText));
        var restored = await taker.ExecuteAsync([ServerCommands.FunctionRestore(ServerCommands.FunctionDump.Read(replies[^1]))], TimeSpan.FromSeconds(5), default);
        Assert.Equal(RespValue.Ok, restored[0]);

        // redis 7.0 disconnects everybody by it, after its answer
        Assert.Equal(RespValue.Ok, Assert.Single(await giver.ExecuteAsync([ServerCommands.AclLoad], TimeSpan.FromSeconds(5), default)));
    }

    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task Keys_of_every_type_may_be_moved_and_compared(string product, string version)
    {
        await using var cluster = await StartAsync(product, version);
        await using var user = await cluster.ConnectAsync(0);
        await using var receiver = await cluster.ConnectAsync(1);
        var keys = await KeysOfEveryType.WriteAsync(user, Some);

        // a copy of every key that is stored otherwise, so that contents are compared and not only dumps
        await receiver.ExecuteAsync([.. Some.Select(slot => ClusterCommands.SetSlotImporting(slot, cluster.Ids[0]))]);
        foreach (var name in KeysOfEveryType.NamesIn(Some).Take(40))
        {
            var dump = await user.ExecuteAsync(new RedisCommand("DUMP", name));
            await receiver.ExecuteAsync([new RedisCommand("ASKING"), new RedisCommand("RESTORE", name, 0, dump.AsMemory())]);
        }

        var result = await MoveAsync(cluster, new SetSlotMover(TimeProvider.System));
        for (var start = Stopwatch.StartNew(); result.Moved != Some && start.Elapsed < TimeSpan.FromSeconds(30);)
        {
            Assert.Empty(result.Obstacles);
            result = await MoveAsync(cluster, new SetSlotMover(TimeProvider.System));
        }

        await cluster.AssertOwnerAsync(1, 0, Some);
        await keys.AssertAsync(receiver);
    }

    [Fact]
    public async Task Valkey_may_move_slots_by_itself()
    {
        await using var cluster = await StartAsync("valkey", "9", "--masteruser", Replication.User, "--masterauth", Replication.Password);
        await using var user = await cluster.ConnectAsync(0);
        await using var receiver = await cluster.ConnectAsync(1);
        Assert.Equal(SlotMoveMethod.ValkeyJob, await user.ExecuteAsync(SlotJobCommands.Method));
        var keys = await KeysOfEveryType.WriteAsync(user, Some);

        var result = await MoveAsync(cluster, new JobMover(SlotMoveMethod.ValkeyJob, TimeProvider.System));

        Assert.Equal(Some, result.Started);
        await using var session = await cluster.ConnectAsync(0, Operator);
        var job = await LastJobAsync(session);
        Assert.Equal((SlotMoveJobState.Done, true, Some), (job.State, job.IsExport, job.Slots));
        Assert.Equal((cluster.Ids[0], cluster.Ids[1]), (job.Source, job.Target));
        await keys.AssertAsync(receiver);
        Assert.Contains("No migrations ongoing", (await session.ExecuteAsync([SlotJobCommands.CancelValkeyJobs]))[0].ErrorText, StringComparison.OrdinalIgnoreCase);
    }

    public void Dispose() => File.Delete(_file);

    static async Task<SlotMoveJob> LastJobAsync(RedisConnection session)
    {
        for (var start = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            var job = Assert.Single(await session.ExecuteAsync(SlotJobCommands.ValkeyJobs));
            if (job.State != SlotMoveJobState.InProgress)
            {
                return job;
            }

            Assert.True(start.Elapsed < TimeSpan.FromSeconds(30), $"the job is still {job.Message} after 30 s");
        }
    }

    static async Task<SlotMoveResult> MoveAsync(MovingCluster cluster, ISlotMover mover)
    {
        var source = await cluster.EndAsync(0, Operator);
        await using var giver = source.Session;
        var target = await cluster.EndAsync(1, Operator);
        await using var taker = target.Session;
        var move = new SlotMove { Source = source, Target = target, Slots = Some, Credentials = Replication, MaxStall = TimeSpan.FromSeconds(4), Slice = TimeSpan.FromSeconds(30) };
        return await mover.MoveAsync(move, default);
    }

    async Task<MovingCluster> StartAsync(string product, string version, params string[] arguments)
    {
        var secret = Credentials.BuildSecret(ClusterWorld.NewCluster(), Operator.Password, Replication.Password);
        await File.WriteAllTextAsync(_file, Encoding.UTF8.GetString(secret.Data![Credentials.AclFileKey]));
        return await MovingCluster.StartAsync(product, version, 2, ["--aclfile", _file, .. arguments]);
    }
}
