using System.CommandLine;
using Slotwise.Operator.Status;

namespace Slotwise.Operator.CommandLine;

/// <summary><c>slotwise status NAME</c>: what a cluster is and what is being done about it, once or live.</summary>
static class StatusCommand
{
    public static Command Build()
    {
        var kubernetes = new KubernetesOptions();
        var cluster = new ClusterArgument();
        var watch = new Option<bool>("--watch", "-w") { Description = "Keep showing it, until Ctrl-C" };
        var untilReady = new Option<bool>("--until-ready") { Description = "End when the cluster is Ready" };
        var timeout = new Option<int>("--timeout")
        {
            Description = "With --until-ready: fail after that many seconds",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 300,
        };
        timeout.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var seconds) && seconds <= 0)
            {
                result.AddError($"--timeout {seconds}: must be at least 1 second");
            }
        });

        var command = new Command("status", "Shows what a RedisCluster is and what is being done about it") { watch, untilReady, timeout };
        cluster.AddTo(command);
        kubernetes.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var reader = ClusterReader.Open(kubernetes.Load(result), cluster.Name(result), cluster.Namespace(result));
            var output = result.InvocationConfiguration.Output;
            if (!result.GetValue(watch) && !result.GetValue(untilReady))
            {
                await output.WriteAsync(ClusterText.Full(await reader.ReadAsync(cancellationToken)));
                return 0;
            }

            TimeSpan? bound = result.GetValue(untilReady) ? TimeSpan.FromSeconds(result.GetValue(timeout)) : null;
            var watcher = new ClusterWatch(reader.ReadAsync, TimeProvider.System, bound);
            await (Console.IsOutputRedirected ? watcher.WriteLinesAsync(output, cancellationToken) : watcher.ShowLiveAsync(cancellationToken));
            return 0;
        });
        return command;
    }
}
