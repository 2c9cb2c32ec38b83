using Slotwise.Redis.SlotMoves;

namespace Slotwise.Redis.Tests.SlotMoves;

public sealed class SideBySideSessionTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slots_are_shared_out_and_what_is_about_one_slot_stays_together_in_order()
    {
        var sessions = Enumerable.Range(0, 4).Select(_ => new Recorder()).ToList();
        await using var session = new SideBySideSession(sessions);
        RedisCommand[] commands = [.. Enumerable.Range(100, 50).SelectMany(slot => new RedisCommand[] { ClusterCommands.SetSlotStable(slot), ClusterCommands.CountKeysInSlot(slot) })];
        var replies = await session.ExecuteAsync(commands, TimeSpan.FromSeconds(1), Stop);
        Assert.Equal(commands.Select(command => command.ToString()), replies.Select(reply => reply.AsText()));
        Assert.All(sessions, one => Assert.InRange(one.Received.Count, 24, 28));
        foreach (var one in sessions)
        {
            var slots = one.Received.Select(command => command.ArgumentText(2)).ToList();
            Assert.Equal(slots.Chunk(2).Select(pair => pair[0]), slots.Chunk(2).Select(pair => pair[1]));
            Assert.All(one.Received.Where((_, index) => index % 2 == 0), command => Assert.Equal("CLUSTER SETSLOT", command.Name));
        }
    }

    [Fact]
    public async Task Whatever_else_is_sent_on_the_first_connection()
    {
        var sessions = Enumerable.Range(0, 4).Select(_ => new Recorder()).ToList();
        await using (var session = new SideBySideSession(sessions))
        {
            await session.ExecuteAsync([ClusterCommands.SetSlotStable(1), ClusterCommands.SetSlotStable(2)], TimeSpan.FromSeconds(1), Stop);
            await session.ExecuteAsync([new RedisCommand("MULTI"), .. Enumerable.Range(0, 100).Select(ClusterCommands.SetSlotStable), new RedisCommand("EXEC")], TimeSpan.FromSeconds(1), Stop);
        }

        Assert.Equal([104, 0, 0, 0], sessions.Select(one => one.Received.Count));
        Assert.All(sessions, one => Assert.True(one.IsClosed));
    }

    /// <summary>Answers each command with itself.</summary>
    sealed class Recorder : IRedisSession
    {
        public List<RedisCommand> Received { get; } = [];

        public bool IsClosed { get; private set; }

        public RedisEndpoint Endpoint => new("127.0.0.1", 6379);

        public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
        {
            Received.AddRange(commands);
            return Task.FromResult<IReadOnlyList<RespValue>>([.. commands.Select(command => RespValue.Text(command.ToString()))]);
        }

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return ValueTask.CompletedTask;
        }
    }
}
