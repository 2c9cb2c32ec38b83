using Slotwise.Bench.Form;
using Slotwise.Bench.Idle;
using Slotwise.Bench.Ready;

using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(10));
switch (args)
{
    case ["form"]:
        await FormBenchmark.RunAsync(stop.Token);
        await ReadyBenchmark.RunAsync(stop.Token);
        return 0;
    case ["idle"]:
        await IdleBenchmark.RunAsync(stop.Token);
        return 0;
    default:
        Console.Error.WriteLine("usage: Bench form|idle");
        return 2;
}
