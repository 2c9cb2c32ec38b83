using System.Globalization;
using Slotwise.Bench.Scale;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;
using Slotwise.Testing;

namespace Slotwise.Bench.Moves;

/// <summary>Giving a new master its share of the slots, beside what a user would do otherwise: redis-cli --cluster rebalance.</summary>
static class MovesBenchmark
{
    const int Keys = 1_000_000;
    const int KeyBytes = 100;
    const int AtomicKeys = 400_000;
    const int SmallKeys = 20_000;
    const int BigFields = 1 << 20;
    const int BigFieldBytes = 200;

    /// <summary>redis-cli's own default, and one that people tune it to.</summary>
    const int DefaultPipeline = 10;
    const int TunedPipeline = 1000;

    static readonly (string Name, Func<CancellationToken, Task> RunAsync)[] All =
    [
        ("empty", EmptyAsync),
        ("keys", KeysAsync),
        ("big", BigKeyAsync),
        ("atomic", AtomicAsync),
        ("scale", ScaleBenchmark.RunAsync),
    ];

    static int _network = 100;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        Report.Header();
        foreach (var (_, run) in All)
        {
            await run(cancellationToken);
        }
    }

    public static Task RunOneAsync(string name, CancellationToken cancellationToken)
    {
        Report.Header();
        return All.First(line => line.Name == name).RunAsync(cancellationToken);
    }

    static async Task EmptyAsync(CancellationToken cancellationToken)
    {
        // what the runtime compiles at its first move is not what moving costs an operator that runs for months
        await OnceAsync(masters => masters.MoveAsync(SlotMoveMethod.SetSlot, cancellationToken));
        var ours = await OnceAsync(masters => masters.MoveAsync(SlotMoveMethod.SetSlot, cancellationToken));
        var peer = await OnceAsync(masters => masters.RebalanceByRedisCliAsync(DefaultPipeline, cancellationToken));
        Report.Line("empty slots (4096)", ours.TotalSeconds, peer.TotalSeconds, "s");

        async Task<TimeSpan> OnceAsync(Func<MovingMasters, Task<TimeSpan>> move)
        {
            await using var masters = await MovingMasters.StartAsync(_network++, owners: 3, program: null, cancellationToken);
            var took = await move(masters);
            await masters.CheckAsync(keys: 0, cancellationToken);
            return took;
        }
    }

    static async Task KeysAsync(CancellationToken cancellationToken)
    {
        var ours = await UnderLoadAsync(masters => masters.MoveAsync(SlotMoveMethod.SetSlot, cancellationToken), cancellationToken);
        var peer = await UnderLoadAsync(masters => masters.RebalanceByRedisCliAsync(DefaultPipeline, cancellationToken), cancellationToken);
        var tuned = await UnderLoadAsync(masters => masters.RebalanceByRedisCliAsync(TunedPipeline, cancellationToken), cancellationToken);
        var calm = await AloneAsync(masters => masters.MoveAsync(SlotMoveMethod.SetSlot, cancellationToken), cancellationToken);
        var calmPeer = await AloneAsync(masters => masters.RebalanceByRedisCliAsync(DefaultPipeline, cancellationToken), cancellationToken);
        var calmTuned = await AloneAsync(masters => masters.RebalanceByRedisCliAsync(TunedPipeline, cancellationToken), cancellationToken);
        Report.Line("keys (1 million, 3 to 4 masters), redis-cli as it is", calm, calmPeer, "s");
        Report.Line("keys, redis-cli with a pipeline of 1000", calm, calmTuned, "s");
        Report.Line("keys under half load, redis-cli as it is", ours.Seconds, peer.Seconds, "s");
        Report.Line("keys under half load, redis-cli with a pipeline of 1000", ours.Seconds, tuned.Seconds, "s");
        Report.Line("client's p99 before", ours.Before, peer.Before, "ms");
        Report.Line("client's p99 during, redis-cli as it is", ours.During, peer.During, "ms");
        Report.Line("client's p99 during, redis-cli with a pipeline of 1000", ours.During, tuned.During, "ms");
        Report.Line("client's longest call, redis-cli with a pipeline of 1000", ours.Longest, tuned.Longest, "ms");
    }

    static async Task BigKeyAsync(CancellationToken cancellationToken)
    {
        var ours = await OnceAsync(masters => masters.MoveAsync(SlotMoveMethod.SetSlot, cancellationToken));
        var peer = await OnceAsync(masters => masters.RebalanceByRedisCliAsync(DefaultPipeline, cancellationToken));
        Report.Line("big key (hash of 256 MB): the longest call of a client", ours, peer, "ms");

        async Task<double> OnceAsync(Func<MovingMasters, Task<TimeSpan>> move)
        {
            await using var masters = await MovingMasters.StartAsync(_network++, owners: 3, program: null, cancellationToken);
            await using var client = await PacedClient.ConnectAsync(masters.Endpoints, SmallKeys, cancellationToken);
            await client.FillAsync(KeyBytes, cancellationToken);
            await FillBigAsync(masters, cancellationToken);
            var moving = move(masters);
            var (_, longest) = await client.MeasureAsync(rate: 1000, moving, cancellationToken);
            await moving;
            await masters.CheckAsync(SmallKeys + 1, cancellationToken);
            return longest;
        }
    }

    static async Task AtomicAsync(CancellationToken cancellationToken)
    {
        ServerProgram valkey;
        try
        {
            valkey = ServerPrograms.Find("valkey", "9");
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine($"atomic | not measured: {e.Message}");
            return;
        }

        var atomic = await OnceAsync(SlotMoveMethod.ValkeyJob);
        var byKeys = await OnceAsync(SlotMoveMethod.SetSlot);
        Report.Line(string.Create(CultureInfo.InvariantCulture, $"atomic on Valkey 9 ({AtomicKeys} keys) beside MIGRATE on it"), atomic, byKeys, "s");

        async Task<double> OnceAsync(SlotMoveMethod method)
        {
            await using var masters = await MovingMasters.StartAsync(_network++, owners: 3, valkey.Server, cancellationToken);
            await using var client = await PacedClient.ConnectAsync(masters.Endpoints, AtomicKeys, cancellationToken);
            await client.FillAsync(KeyBytes, cancellationToken);
            var took = await masters.MoveAsync(method, cancellationToken);
            await masters.CheckAsync(AtomicKeys, cancellationToken);
            return took.TotalSeconds;
        }
    }

    static async Task<double> AloneAsync(Func<MovingMasters, Task<TimeSpan>> move, CancellationToken cancellationToken)
    {
        await using var masters = await MovingMasters.StartAsync(_network++, owners: 3, program: null, cancellationToken);
        await using var client = await PacedClient.ConnectAsync(masters.Endpoints, Keys, cancellationToken);
        await client.FillAsync(KeyBytes, cancellationToken);
        var took = await move(masters);
        await masters.CheckAsync(Keys, cancellationToken);
        return took.TotalSeconds;
    }

    static async Task<(double Seconds, double Before, double During, double Longest)> UnderLoadAsync(
        Func<MovingMasters, Task<TimeSpan>> move,
        CancellationToken cancellationToken)
    {
        await using var masters = await MovingMasters.StartAsync(_network++, owners: 3, program: null, cancellationToken);
        await using var client = await PacedClient.ConnectAsync(masters.Endpoints, Keys, cancellationToken);
        await client.FillAsync(KeyBytes, cancellationToken);
        var rate = await client.MeasureCapacityAsync(TimeSpan.FromSeconds(3), cancellationToken) / 2;
        var (before, _) = await client.MeasureAsync(rate, Task.Delay(TimeSpan.FromSeconds(4), cancellationToken), cancellationToken);
        var moving = move(masters);
        var (during, longest) = await client.MeasureAsync(rate, moving, cancellationToken);
        var took = await moving;
        await masters.CheckAsync(Keys, cancellationToken);
        return (took.TotalSeconds, before, during, longest);
    }

    /// <summary>A hash in the first slots of its master, which are the ones that move.</summary>
    static async Task FillBigAsync(MovingMasters masters, CancellationToken cancellationToken)
    {
        var name = Enumerable.Range(0, int.MaxValue)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"big:{number}"))
            .First(candidate => SlotHash.Of(System.Text.Encoding.UTF8.GetBytes(candidate)) < 100);
        await using var connection = await masters.ConnectAsync(0);
        var value = new byte[BigFieldBytes];
        foreach (var fields in Enumerable.Range(0, BigFields).Chunk(2000))
        {
            RedisArgument[] arguments = ["HSET", name, .. fields.SelectMany(field => new RedisArgument[] { field, value })];
            (await connection.ExecuteAsync(new RedisCommand(arguments), cancellationToken)).ThrowIfError();
        }
    }
}
