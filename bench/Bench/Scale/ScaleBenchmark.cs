using System.Diagnostics;
using System.Globalization;
using Slotwise.Bench.Moves;
using Slotwise.Bench.Ready;
using Slotwise.Redis;

namespace Slotwise.Bench.Scale;

/// <summary>
/// From the change of <c>spec.shards</c> to Ready, pods, moves and all, on LocalKubernetes through the built programs; beside starting the servers by
/// hand and using redis-cli's add-node, rebalance and del-node until all nodes agree.
/// </summary>
static class ScaleBenchmark
{
    const int Keys = 200_000;
    const int KeyBytes = 100;
    const int Few = 3;
    const int Many = 5;
    const string Name = "scale";

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var ours = await OursAsync(cancellationToken);
        var peer = await ByHandAsync(cancellationToken);
        var what = string.Create(CultureInfo.InvariantCulture, $"{Keys:N0} keys, 1 replica each");
        Report.Line($"scale {Few} to {Many} shards ({what}; goal 15 s)", ours.Out.TotalSeconds, peer.Out.TotalSeconds, "s");
        Report.Line($"scale {Many} to {Few} shards ({what}; goal 15 s)", ours.In.TotalSeconds, peer.In.TotalSeconds, "s");
    }

    static async Task<(TimeSpan Out, TimeSpan In)> OursAsync(CancellationToken cancellationToken)
    {
        await using var machine = await LocalMachine.StartAsync(cancellationToken);
        await machine.CreateAsync(Name, Few, cancellationToken);
        await FillAsync([.. (await machine.AddressesAsync(cancellationToken)).Select(address => new RedisEndpoint(address, 6379))], cancellationToken);
        var outwards = await machine.ScaleAsync(Name, Many, cancellationToken);
        var inwards = await machine.ScaleAsync(Name, Few, cancellationToken);
        await using (var client = await RedisClusterClient.ConnectAsync([new RedisEndpoint((await machine.AddressesAsync(cancellationToken))[0], 6379)], cancellationToken: cancellationToken))
        {
            await CheckAsync(client.Masters, cancellationToken);
        }

        await machine.DeleteAsync(Name, cancellationToken);
        return (outwards, inwards);
    }

    static async Task<(TimeSpan Out, TimeSpan In)> ByHandAsync(CancellationToken cancellationToken)
    {
        await using var servers = await ServersByHand.StartAsync(Few, cancellationToken);
        await FillAsync(servers.Endpoints, cancellationToken);

        var start = Stopwatch.GetTimestamp();
        await servers.AddShardsAsync(Many - Few, cancellationToken);
        var outwards = Stopwatch.GetElapsedTime(start);

        start = Stopwatch.GetTimestamp();
        await servers.RemoveShardsAsync(Many - Few, cancellationToken);
        var inwards = Stopwatch.GetElapsedTime(start);
        await CheckAsync(servers.Masters, cancellationToken);
        return (outwards, inwards);
    }

    static async Task FillAsync(IReadOnlyList<RedisEndpoint> seeds, CancellationToken cancellationToken)
    {
        await using var client = await PacedClient.ConnectAsync(seeds, Keys, cancellationToken);
        await client.FillAsync(KeyBytes, cancellationToken);
    }

    static async Task CheckAsync(IReadOnlyList<RedisEndpoint> masters, CancellationToken cancellationToken)
    {
        var found = 0L;
        foreach (var master in masters)
        {
            await using var connection = await RedisConnection.ConnectAsync(master, cancellationToken: cancellationToken);
            found += await connection.ExecuteAsync(ServerCommands.DbSize, cancellationToken);
        }

        if (found != Keys)
        {
            throw new InvalidOperationException($"{found} of {Keys} keys are there after scaling");
        }
    }
}
