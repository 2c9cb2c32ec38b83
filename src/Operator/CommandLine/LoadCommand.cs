using System.CommandLine;
using System.Globalization;
using Slotwise.Operator.Load;
using Slotwise.Operator.Status;
using Spectre.Console;

namespace Slotwise.Operator.CommandLine;

/// <summary><c>slotwise load NAME</c>: writes to a cluster for a while, and says of every acknowledged write whether it is still there.</summary>
static class LoadCommand
{
    const int MostConnections = 1000;
    const int MostKeys = 10_000_000;
    const int MostSeconds = 30 * 24 * 3600;
    const int HighestRate = 10_000_000;
    const int DefaultConnections = 16;
    const int DefaultRate = 1000;
    const int DefaultKeys = 10_000;

    public static Command Build()
    {
        var kubernetes = new KubernetesOptions();
        var cluster = new ClusterArgument();
        var seconds = Number("--seconds", "How long to write. Default: until Ctrl-C", "N", 1, MostSeconds);
        var rate = Number("--rate", $"Commands a second in all; 0 for as many as there can be. Default: {DefaultRate}", "R", 0, HighestRate);
        var connections = Number("--connections", $"How many commands may be on their way at a time. Default: {DefaultConnections}", "N", 1, MostConnections);
        var keys = Number("--keys", $"How many keys to write, again and again. Default: {DefaultKeys}", "N", 1, MostKeys);
        var replicaReads = new Option<bool>("--replica-reads") { Description = "Read samples back from replicas" };
        var map = new Option<string[]>("--map")
        {
            Description = "Where a node is reached from here, as behind a port-forward: ADDRESS:PORT=ADDRESS:PORT, announced and reached; may be given several times",
            HelpName = "FROM=TO",
            DefaultValueFactory = _ => [],
        };
        var json = new Option<bool>("--json") { Description = "Print the final report as JSON, and nothing else" };

        var command = new Command("load", "Writes numbered values to a RedisCluster for a while, and checks that every acknowledged one is there; ends with 1 if not")
        {
            seconds, rate, connections, keys, replicaReads, map, json,
        };
        cluster.AddTo(command);
        kubernetes.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new LoadOptions
            {
                Duration = result.GetValue(seconds) is { } duration ? TimeSpan.FromSeconds(duration) : null,
                Rate = result.GetValue(rate) is 0 ? null : result.GetValue(rate) ?? DefaultRate,
                Connections = result.GetValue(connections) ?? DefaultConnections,
                Keys = result.GetValue(keys) ?? DefaultKeys,
                ReplicaReads = result.GetValue(replicaReads),
                Map = EndpointMap.Parse(result.GetRequiredValue(map)),
            };
            if (options.Keys < options.Connections * LedgerLayout.KeysPerWriter)
            {
                throw new UserErrorException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"--keys {options.Keys}: must be at least {LedgerLayout.KeysPerWriter} for each of the {options.Connections} connections, {options.Connections * LedgerLayout.KeysPerWriter}"));
            }

            await using var reader = ClusterReader.Open(kubernetes.Load(result), cluster.Name(result), cluster.Namespace(result));
            var run = new LoadRun(reader.ReadAsync, options, TimeProvider.System);
            var report = await RunAsync(run, result.GetValue(json), result.InvocationConfiguration.Output, cancellationToken);
            return report.IsClean ? 0 : throw new UserErrorException(LoadText.Verdict(report));
        });
        return command;
    }

    static async Task<LedgerReport> RunAsync(LoadRun run, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        LedgerReport? report = null;
        if (json)
        {
            report = await run.RunAsync(_ => { }, cancellationToken);
            await output.WriteLineAsync(LoadJson.Write(report));
            return report;
        }

        if (Console.IsOutputRedirected)
        {
            report = await run.RunAsync(
                progress =>
                {
                    output.WriteLine(LoadText.Line(progress));
                    output.Flush();
                },
                cancellationToken);
        }
        else
        {
            await AnsiConsole.Live(new Text("")).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async screen =>
                report = await run.RunAsync(progress => screen.UpdateTarget(LoadView.Build(progress)), cancellationToken));
        }

        await output.WriteAsync(LoadText.Full(report!));
        if (report!.IsClean)
        {
            await output.WriteLineAsync(LoadText.Verdict(report));
        }

        return report;
    }

    static Option<int?> Number(string name, string description, string helpName, int least, int most)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < least || value > most))
            {
                result.AddError($"{name} {value}: must be {least} to {most}");
            }
        });
        return option;
    }
}
