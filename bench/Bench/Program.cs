using Slotwise.Bench;
using Slotwise.Bench.Form;
using Slotwise.Bench.Growth;
using Slotwise.Bench.Idle;
using Slotwise.Bench.Local;
using Slotwise.Bench.Moves;
using Slotwise.Bench.Outage;
using Slotwise.Bench.Ready;

using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(20));
switch (args)
{
    case ["form"]:
        await FormBenchmark.RunAsync(stop.Token);
        await ReadyBenchmark.RunAsync(stop.Token);
        return 0;
    case ["idle"]:
        await IdleBenchmark.RunAsync(stop.Token);
        return 0;
    case ["moves"]:
        await MovesBenchmark.RunAsync(stop.Token);
        return 0;
    case ["moves", var name]:
        await MovesBenchmark.RunOneAsync(name, stop.Token);
        return 0;
    case ["outage", .. var count] when count.Length <= 1:
        using (var longer = new CancellationTokenSource(TimeSpan.FromMinutes(60)))
        {
            await OutageBenchmark.RunAsync(count is [var runs] ? int.Parse(runs, System.Globalization.CultureInfo.InvariantCulture) : 20, longer.Token);
        }

        return 0;
    case ["growth"]:
        await GrowthBenchmark.RunAsync(stop.Token);
        return 0;
    case ["local"]:
        Report.Header();
        await ServerBenchmark.RunAsync(stop.Token);
        await PodsBenchmark.RunAsync(stop.Token);
        return 0;
    default:
        Console.Error.WriteLine("usage: Bench form|idle|moves [empty|keys|big|atomic|scale]|growth|outage [RUNS]|local");
        return 2;
}
