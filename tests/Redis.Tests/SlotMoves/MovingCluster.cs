using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis.SlotMoves;
using Slotwise.Testing;

namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Masters of one real cluster. The first one owns all slots.</summary>
sealed class MovingCluster : IAsyncDisposable
{
    /// <summary>Every server that slots are moved between in tests, as xunit wants it: product and version.</summary>
    public static readonly TheoryData<string, string> Servers = new()
    {
        { "redis", "7.0" },
        { "redis", "8.0" },
        { "valkey", "8.1" },
        { "valkey", "9" },
    };

    /// <summary>What is left to the next call is done by then; what an obstacle keeps from moving is not.</summary>
    static readonly TimeSpan StandStill = TimeSpan.FromMilliseconds(300);

    static readonly RedisConnectionOptions Patient = new() { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(10) };

    readonly List<RedisServer> _servers = [];
    readonly List<NodeId> _ids = [];

    public IReadOnlyList<NodeId> Ids => _ids;

    public RedisServer this[int index] => _servers[index];

    /// <summary>Starts servers that know each other and serve. Skips the test where that version is not on this machine.</summary>
    public static Task<MovingCluster> StartAsync(string product, string version, int masters = 2, params string[] arguments) =>
        StartAsync(Find(product, version).Server, masters, arguments);

    /// <summary>Starts servers of that program that know each other and serve.</summary>
    public static async Task<MovingCluster> StartAsync(IReadOnlyList<string> program, int masters, params string[] arguments)
    {
        var cluster = new MovingCluster();
        try
        {
            for (var index = 0; index < masters; index++)
            {
                cluster._servers.Add(await RedisServer.StartAsync(program, ["--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no", .. arguments]));
            }

            await cluster.FormAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task<RedisConnection> ConnectAsync(int index, RedisCredentials? credentials = null) => RedisConnection.ConnectAsync(_servers[index].Endpoint, credentials, Patient);

    /// <summary>A session with a server as one side of a move.</summary>
    public async Task<SlotMoveEnd> EndAsync(int index, RedisCredentials? credentials = null) => new(await ConnectAsync(index, credentials), _ids[index]);

    /// <summary>Moves until a call has nothing left to do, and returns the obstacles of the last one.</summary>
    public async Task<IReadOnlyList<SlotMoveObstacle>> MoveAsync(int from, int to, SlotSet slots, Func<SlotMove, SlotMove>? change = null)
    {
        var source = await EndAsync(from);
        await using var giver = source.Session;
        var target = await EndAsync(to);
        await using var taker = target.Session;
        var move = new SlotMove { Source = source, Target = target, Slots = slots, MaxStall = TimeSpan.FromSeconds(1) };
        var moved = SlotSet.Empty;
        var progress = Stopwatch.StartNew();
        for (var start = Stopwatch.StartNew(); ;)
        {
            var result = await new SetSlotMover(TimeProvider.System).MoveAsync(change?.Invoke(move) ?? move, CancellationToken.None);
            if (result.Obstacles is [{ Kind: SlotMoveObstacleKind.NotReady, Slots.IsEmpty: true }])
            {
                // gossip has not told everybody of the move before
                await Task.Delay(20);
            }
            else if (result.Moved == slots || (result.Obstacles.Count > 0 && progress.Elapsed > StandStill))
            {
                return result.Obstacles;
            }
            else if (result.Moved != moved)
            {
                moved = result.Moved;
                progress.Restart();
            }

            Assert.True(start.Elapsed < TimeSpan.FromSeconds(60), $"only {result.Moved.Count} of {slots.Count} slots moved in a minute");
        }
    }

    /// <summary>Moves although servers hang and sessions break, as pass after pass would.</summary>
    public async Task MoveUntilDoneAsync(int from, int to, SlotSet slots, Func<SlotMove, SlotMove>? change = null)
    {
        for (var start = Stopwatch.StartNew(); start.Elapsed < TimeSpan.FromSeconds(60);)
        {
            try
            {
                if ((await MoveAsync(from, to, slots, change)).Count == 0)
                {
                    return;
                }
            }
            catch (RedisConnectionException)
            {
                // the next pass dials again
            }
        }

        Assert.Fail($"slots {slots} did not move in a minute");
    }

    /// <summary>Makes an empty master the replica of another, and waits until all know and it is in sync.</summary>
    public async Task FollowAsync(int replica, int master)
    {
        await using var connection = await ConnectAsync(replica);
        await connection.ExecuteAsync(ClusterCommands.Replicate(_ids[master]));
        for (var start = Stopwatch.StartNew(); !await IsFollowingAsync(replica, master); await Task.Delay(20))
        {
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(60), "the replica was not in sync within a minute");
        }
    }

    /// <summary>Both say that the slots are the one's and not the other's, nothing is open, and only the owner has keys in them.</summary>
    public async Task AssertOwnerAsync(int owner, int other, SlotSet slots)
    {
        await using var one = await ConnectAsync(owner);
        await using var two = await ConnectAsync(other);
        var mine = (await one.ExecuteAsync(ClusterCommands.Nodes)).Myself!;
        var its = (await two.ExecuteAsync(ClusterCommands.Nodes)).Myself!;
        Assert.True(slots.IsSubsetOf(mine.Slots), $"the owner lacks {slots.Except(mine.Slots)}");
        Assert.False(slots.Overlaps(its.Slots), $"the other still claims {slots.Intersect(its.Slots)}");
        Assert.DoesNotContain(mine.Importing.Concat(mine.Migrating).Concat(its.Importing).Concat(its.Migrating), open => slots.Contains(open.Slot));
        var left = await two.ExecuteAsync([.. slots.Select(ClusterCommands.CountKeysInSlot)]);
        Assert.All(left, count => Assert.Equal(RespValue.Integer(0), count));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    static ServerProgram Find(string product, string version)
    {
        try
        {
            return ServerPrograms.Find(product, version);
        }
        catch (InvalidOperationException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    async Task FormAsync()
    {
        foreach (var server in _servers)
        {
            await using var connection = await server.ConnectAsync();
            _ids.Add(await connection.ExecuteAsync(ClusterCommands.MyId));
            if (_ids.Count == 1)
            {
                await connection.ExecuteAsync(ClusterCommands.AddSlotsRange(SlotSet.Full));
            }
            else
            {
                await connection.ExecuteAsync(ClusterCommands.Meet(_servers[0].Endpoint.Host, _servers[0].Endpoint.Port, _servers[0].BusPort));
            }
        }

        for (var start = Stopwatch.StartNew(); !await IsWholeAsync(); await Task.Delay(20))
        {
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(60), string.Create(CultureInfo.InvariantCulture, $"{_servers.Count} servers did not become a cluster in a minute"));
        }
    }

    async Task<bool> IsFollowingAsync(int replica, int master)
    {
        await using var follower = await ConnectAsync(replica);
        await using var leader = await ConnectAsync(master);
        return (await follower.ExecuteAsync(ServerCommands.Info("replication"))).IsMasterLinkUp
            && (await leader.ExecuteAsync(ServerCommands.Info("replication"))).Replicas.Any(known => known.IsOnline);
    }

    async Task<bool> IsWholeAsync()
    {
        foreach (var server in _servers)
        {
            await using var connection = await server.ConnectAsync();
            var nodes = await connection.ExecuteAsync(ClusterCommands.Nodes);
            if (_ids.Any(id => nodes.Find(id) is null or { IsInHandshake: true })
                || !nodes.CoveredSlots.IsFull
                || !(await connection.ExecuteAsync(ClusterCommands.Info)).IsOk)
            {
                return false;
            }
        }

        return true;
    }
}
