using System.Diagnostics;
using System.Globalization;
using Slotwise.Bench.Form;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Bench.Moves;

/// <summary>Masters of one cluster, of which the last one owns no slot yet, and the ways to give it its share.</summary>
sealed class MovingMasters : IAsyncDisposable
{
    const string Config = "cluster-enabled yes\nprotected-mode no\nsave \"\"\nappendonly no\ncluster-node-timeout 15000\ncluster-require-full-coverage no\ncluster-allow-replica-migration no";

    static readonly RedisConnectionOptions Patient = new() { ConnectTimeout = TimeSpan.FromSeconds(5), CommandTimeout = TimeSpan.FromSeconds(30) };

    readonly ServerFleet _fleet = new();
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-bench-moves-").FullName;
    readonly List<NodeId> _ids = [];

    MovingMasters()
    {
    }

    public IReadOnlyList<RedisEndpoint> Endpoints => [.. _fleet.Addresses.Select(address => new RedisEndpoint(address, 6379))];

    /// <summary>Starts the masters and waits until all of them serve.</summary>
    public static async Task<MovingMasters> StartAsync(int network, int owners, IReadOnlyList<string>? program, CancellationToken cancellationToken)
    {
        var masters = new MovingMasters();
        for (var index = 0; index <= owners; index++)
        {
            masters._fleet.Start(network, Path.Combine(masters._directory, string.Create(CultureInfo.InvariantCulture, $"{index}.conf")), Config, program);
        }

        await using (var pool = new RedisConnectionPool(Patient))
        {
            await masters._fleet.WaitUntilUpAsync(pool, credentials: null, cancellationToken);
        }

        var shares = SlotPartition.Split(owners);
        for (var index = 0; index <= owners; index++)
        {
            await using var connection = await masters.ConnectAsync(index);
            masters._ids.Add(await connection.ExecuteAsync(ClusterCommands.MyId, cancellationToken));
            if (index < owners)
            {
                await connection.ExecuteAsync(ClusterCommands.AddSlotsRange(shares[index]), cancellationToken);
                await connection.ExecuteAsync(ClusterCommands.SetConfigEpoch(index + 1), cancellationToken);
            }

            if (index > 0)
            {
                await connection.ExecuteAsync(ClusterCommands.Meet(masters.Endpoints[0].Host, 6379, 16379), cancellationToken);
            }
        }

        await masters.WaitUntilWholeAsync(cancellationToken);
        return masters;
    }

    public Task<RedisConnection> ConnectAsync(int index) => RedisConnection.ConnectAsync(Endpoints[index], options: Patient);

    /// <summary>Moves the last one's share to it, from each of the others in turn.</summary>
    public async Task<TimeSpan> MoveAsync(SlotMoveMethod method, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var last = _ids.Count - 1;
        var share = SlotSet.SlotCount / _ids.Count;
        for (var index = 0; index < last; index++)
        {
            await using var source = await ConnectAsync(index);
            await using var target = await ConnectAsync(last);
            var owned = (await source.ExecuteAsync(ClusterCommands.Nodes, cancellationToken)).Myself!.Slots;
            var slots = owned.Take(owned.Count - share - (index < SlotSet.SlotCount % _ids.Count ? 1 : 0));
            var move = new SlotMove
            {
                Source = new SlotMoveEnd(source, _ids[index]),
                Target = new SlotMoveEnd(target, _ids[last]),
                Slots = slots,
                MaxStall = SlotMove.LongestStall,
            };
            await (method == SlotMoveMethod.SetSlot ? MoveByKeysAsync(move, cancellationToken) : MoveByJobAsync(method, move, cancellationToken));
        }

        await WaitUntilWholeAsync(cancellationToken);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Has redis-cli do the same.</summary>
    public async Task<TimeSpan> RebalanceByRedisCliAsync(int pipeline, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        string[] arguments =
        [
            "--cluster", "rebalance", $"{Endpoints[0]}", "--cluster-use-empty-masters",
            "--cluster-pipeline", pipeline.ToString(CultureInfo.InvariantCulture),
        ];
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-cli did not start");
        var output = await cli.StandardOutput.ReadToEndAsync(cancellationToken);
        await cli.WaitForExitAsync(cancellationToken);
        return cli.ExitCode == 0
            ? Stopwatch.GetElapsedTime(start)
            : throw new InvalidOperationException($"redis-cli --cluster rebalance failed:\n{output}");
    }

    /// <summary>Fails unless all agree who owns what, nobody owns much more than another, and no key is gone.</summary>
    public async Task CheckAsync(long keys, CancellationToken cancellationToken)
    {
        await WaitUntilWholeAsync(cancellationToken);
        var found = 0L;
        for (var index = 0; index < _ids.Count; index++)
        {
            await using var connection = await ConnectAsync(index);
            found += await connection.ExecuteAsync(ServerCommands.DbSize, cancellationToken);
            var owned = (await connection.ExecuteAsync(ClusterCommands.Nodes, cancellationToken)).Myself!.Slots.Count;
            if (Math.Abs(owned - (SlotSet.SlotCount / _ids.Count)) > SlotSet.SlotCount / _ids.Count / 50)
            {
                throw new InvalidOperationException($"{Endpoints[index]} owns {owned} slots after the move");
            }
        }

        if (found != keys)
        {
            throw new InvalidOperationException($"{found} of {keys} keys are there after the move");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _fleet.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    static async Task MoveByKeysAsync(SlotMove move, CancellationToken cancellationToken)
    {
        var mover = new SetSlotMover(TimeProvider.System);
        while (true)
        {
            var result = await mover.MoveAsync(move, cancellationToken);
            if (result.Obstacles.Count > 0)
            {
                throw new InvalidOperationException(result.Obstacles[0].Message);
            }

            if (result.Moved == move.Slots)
            {
                return;
            }
        }
    }

    static async Task MoveByJobAsync(SlotMoveMethod method, SlotMove move, CancellationToken cancellationToken)
    {
        var result = await new JobMover(method, TimeProvider.System).MoveAsync(move, cancellationToken);
        if (result.Started != move.Slots)
        {
            throw new InvalidOperationException(result.Obstacles[0].Message);
        }

        while (true)
        {
            var jobs = await move.Source.Session.ExecuteAsync([SlotJobCommands.ValkeyJobs], TimeSpan.FromSeconds(1), cancellationToken);
            var job = SlotJobCommands.ValkeyJobs.Read(jobs[0]).First(candidate => candidate.Slots == move.Slots);
            switch (job.State)
            {
                case SlotMoveJobState.Done:
                    return;
                case SlotMoveJobState.Failed:
                    throw new InvalidOperationException(job.Message);
                default:
                    await Task.Delay(5, cancellationToken);
                    break;
            }
        }
    }

    async Task WaitUntilWholeAsync(CancellationToken cancellationToken)
    {
        for (var start = Stopwatch.GetTimestamp(); !await IsWholeAsync(cancellationToken); await Task.Delay(1, cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
            {
                throw new InvalidOperationException("the masters do not agree, or do not serve, after 30 s");
            }
        }
    }

    async Task<bool> IsWholeAsync(CancellationToken cancellationToken)
    {
        ClusterNodesTable? first = null;
        for (var index = 0; index < _ids.Count; index++)
        {
            await using var connection = await ConnectAsync(index);
            var nodes = await connection.ExecuteAsync(ClusterCommands.Nodes, cancellationToken);
            first ??= nodes;
            if (!nodes.CoveredSlots.IsFull
                || !nodes.AgreesOnSlotsWith(first)
                || _ids.Any(id => nodes.Find(id) is null or { IsInHandshake: true })
                || !(await connection.ExecuteAsync(ClusterCommands.Info, cancellationToken)).IsOk)
            {
                return false;
            }
        }

        return true;
    }
}
