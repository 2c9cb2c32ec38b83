using System.Diagnostics;
using Slotwise.Bench.Moves;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Bench.Growth;

/// <summary>How the cost of moving slots grows with their number, with the number of masters, and with the keys in them; written to docs/.</summary>
static class GrowthBenchmark
{
    const int KeyBytes = 100;
    const int SlotsAmongMasters = 256;
    const int KeyOwners = 3;

    /// <summary>What a million keys of that size take in the servers, with room for those that are being moved.</summary>
    const long BytesPerMillionKeys = 400L << 20;

    static readonly int[] Slots = [1024, 2048, 4096, 8192, 16384];
    static readonly int[] Masters = [3, 5, 10, 20, 35, 50];
    static readonly int[] Keys = [10_000, 100_000, 1_000_000, 10_000_000];

    static int _network = 150;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        Report.Header();
        GrowthSeries slots = new("empty slots moved, 2 masters", "slots", []);
        GrowthSeries masters = new(Text($"{SlotsAmongMasters} empty slots moved among so many masters"), "masters", []);
        GrowthSeries keys = new("a new master's share of so many keys of 100 bytes, 3 to 4 masters", "keys", []);

        // what the runtime compiles at its first move is not what moving costs an operator that runs for months
        await MeasureAsync(owners: 1, Slots[0], keys: 0, cancellationToken);
        foreach (var count in Slots)
        {
            slots.Add(count, await MeasureAsync(owners: 1, count, keys: 0, cancellationToken));
        }

        foreach (var count in Masters)
        {
            masters.Add(count, await MeasureAsync(count - 1, SlotsAmongMasters, keys: 0, cancellationToken));
        }

        foreach (var count in Keys)
        {
            var needed = BytesPerMillionKeys * count / 1_000_000;
            if (needed > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            {
                Console.WriteLine(Text($"{count:N0} keys | not measured: they need {needed >> 30} GB of memory | - | -"));
                continue;
            }

            keys.Add(count, await MeasureAsync(KeyOwners, SlotSet.SlotCount / (KeyOwners + 1) / KeyOwners, count, cancellationToken, KeyOwners));

            // the next one takes ten times as long: who does not wait for it has what is there
            GrowthPage.Write([slots, masters, keys]);
        }
    }

    /// <summary>A move by us from some masters to the last one, and the same slots with the same keys back by redis-cli.</summary>
    static async Task<(double Ours, double Peer)> MeasureAsync(int owners, int slots, int keys, CancellationToken cancellationToken, int sources = 1)
    {
        await using var masters = await MovingMasters.StartAsync(_network++, owners, program: null, cancellationToken);
        if (keys > 0)
        {
            await using var client = await PacedClient.ConnectAsync(masters.Endpoints, keys, cancellationToken);
            await client.FillAsync(KeyBytes, cancellationToken);
        }

        var start = Stopwatch.GetTimestamp();
        for (var source = 0; source < sources; source++)
        {
            await MoveAsync(masters, source, slots, cancellationToken);
        }

        var ours = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await WaitUntilAgreedAsync(masters, cancellationToken);
        start = Stopwatch.GetTimestamp();
        await ReshardBackAsync(masters, slots * sources, cancellationToken);
        return (ours, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>redis-cli refuses to begin before all agree.</summary>
    static async Task WaitUntilAgreedAsync(MovingMasters masters, CancellationToken cancellationToken)
    {
        while (true)
        {
            var tables = new List<ClusterNodesTable>();
            for (var index = 0; index < masters.Endpoints.Count; index++)
            {
                await using var connection = await masters.ConnectAsync(index);
                tables.Add(await connection.ExecuteAsync(ClusterCommands.Nodes, cancellationToken));
            }

            if (tables.TrueForAll(table => table.AgreesOnSlotsWith(tables[0])))
            {
                return;
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    static async Task MoveAsync(MovingMasters masters, int from, int count, CancellationToken cancellationToken)
    {
        await using var source = await masters.ConnectAsync(from);
        await using var target = await masters.ConnectAsync(masters.Endpoints.Count - 1);
        var move = new SlotMove
        {
            Source = new SlotMoveEnd(source, await source.ExecuteAsync(ClusterCommands.MyId, cancellationToken)),
            Target = new SlotMoveEnd(target, await target.ExecuteAsync(ClusterCommands.MyId, cancellationToken)),
            Slots = (await source.ExecuteAsync(ClusterCommands.Nodes, cancellationToken)).Myself!.Slots.Take(count),
            MaxStall = SlotMove.LongestStall,
        };
        var mover = new SetSlotMover(TimeProvider.System);
        for (SlotMoveResult result; (result = await mover.MoveAsync(move, cancellationToken)).Moved != move.Slots;)
        {
            if (result.Obstacles.Count > 0)
            {
                throw new InvalidOperationException(result.Obstacles[0].Message);
            }
        }
    }

    static async Task ReshardBackAsync(MovingMasters masters, int count, CancellationToken cancellationToken)
    {
        await using var source = await masters.ConnectAsync(masters.Endpoints.Count - 1);
        await using var target = await masters.ConnectAsync(0);
        string[] arguments =
        [
            "--cluster", "reshard", $"{masters.Endpoints[0]}", "--cluster-yes", "--cluster-slots", Text($"{count}"),
            "--cluster-from", $"{await source.ExecuteAsync(ClusterCommands.MyId, cancellationToken)}",
            "--cluster-to", $"{await target.ExecuteAsync(ClusterCommands.MyId, cancellationToken)}",
        ];
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-cli did not start");
        var output = await cli.StandardOutput.ReadToEndAsync(cancellationToken);
        await cli.WaitForExitAsync(cancellationToken);
        if (cli.ExitCode != 0)
        {
            throw new InvalidOperationException($"redis-cli --cluster reshard failed:\n{output}");
        }
    }

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
