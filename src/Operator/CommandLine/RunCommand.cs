using System.CommandLine;
using Microsoft.Extensions.Logging;
using Slotwise.Operator.Hosting;

namespace Slotwise.Operator.CommandLine;

/// <summary><c>slotwise run</c>: the operator.</summary>
static class RunCommand
{
    const string LogLevelVariable = "SLOTWISE_LOG_LEVEL";

    static readonly string[] LogLevels = ["trace", "debug", "information", "warning", "error"];

    public static Command Build()
    {
        var kubernetes = new KubernetesOptions();
        var namespaces = new Option<string[]>("--namespace", "-n")
        {
            Description = "Look after the clusters of this namespace only; may be given several times. Default: all namespaces",
            HelpName = "NAMESPACE",
            DefaultValueFactory = _ => [],
        };
        var leaderElect = new Option<bool>("--leader-elect") { Description = "Work only while holding a lease, so that several may run" };
        var leaseNamespace = new Option<string?>("--leader-election-namespace")
        {
            Description = "Where the lease is. Default: the namespace of the pod, or of the kubeconfig's context",
            HelpName = "NAMESPACE",
        };
        var healthPort = new Option<int>("--health-port")
        {
            Description = "The port of /healthz and /readyz; 0 for none",
            HelpName = "PORT",
            DefaultValueFactory = _ => 8081,
        };
        healthPort.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var port) && port is < 0 or > 65535)
            {
                result.AddError($"--health-port {port}: must be 0 to 65535");
            }
        });
        var logLevel = new Option<string>("--log-level")
        {
            Description = $"Or by the variable {LogLevelVariable}",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(LogLevelVariable) is { Length: > 0 } level ? level.ToLowerInvariant() : "information",
        };
        logLevel.AcceptOnlyFromAmong(LogLevels);

        var command = new Command("run", "Runs the operator") { namespaces, leaderElect, leaseNamespace, healthPort, logLevel };
        kubernetes.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var configuration = kubernetes.Load(result);
            return OperatorHost.RunAsync(
                new OperatorOptions
                {
                    Kubernetes = configuration,
                    Namespaces = [.. result.GetRequiredValue(namespaces).Distinct().Order(StringComparer.Ordinal)],
                    LeaderElect = result.GetValue(leaderElect),
                    LeaderElectionNamespace = result.GetValue(leaseNamespace) ?? configuration.Namespace,
                    HealthPort = result.GetValue(healthPort),
                    LogLevel = ParseLogLevel(result.GetRequiredValue(logLevel)),
                },
                cancellationToken);
        });
        return command;
    }

    static LogLevel ParseLogLevel(string text) => LogLevels.Contains(text)
        ? Enum.Parse<LogLevel>(text, ignoreCase: true)
        : throw new UserErrorException($"{LogLevelVariable}={text}: must be one of {string.Join(", ", LogLevels)}");
}
