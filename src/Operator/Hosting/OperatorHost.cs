using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Client;
using Slotwise.Operator.CommandLine;

namespace Slotwise.Operator.Hosting;

/// <summary>The process around the operator: its logs, its health, and how it ends.</summary>
static partial class OperatorHost
{
    /// <summary>Runs until cancelled or until a loop fails.</summary>
    /// <returns>The exit code: 0 when it was asked to end.</returns>
    public static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(logging => LogOutput.Configure(logging, options.LogLevel, isTerminal: !Console.IsOutputRedirected));
        using var kubernetes = new KubernetesClient(options.Kubernetes, TimeProvider.System, loggers.CreateLogger<KubernetesClient>());

        // Before anything else starts: a mistake in the kubeconfig is one line for the user, not a log.
        await kubernetes.GetVersionAsync(cancellationToken);

        var health = new OperatorHealth();
        await using var server = options.HealthPort > 0 ? await HealthServer.StartAsync(health, options.HealthPort) : null;
        var logger = loggers.CreateLogger("Slotwise.Operator");
        LogStarting(logger, VersionCommand.Version, options.Scope, options.Kubernetes.Server);
        try
        {
            await new OperatorLoops(options, kubernetes, health, loggers, TimeProvider.System).RunAsync(cancellationToken);
            LogEnded(logger);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogEnded(logger);
            return 0;
        }
#pragma warning disable CA1031 // whatever a loop throws ends the process: a new one is the only recovery there is to maintain
        catch (Exception error)
#pragma warning restore CA1031
        {
            var line = ErrorText.TryDescribe(error);
            LogFailed(logger, line is null ? error : null, line ?? error.Message);
            return 1;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "slotwise {Version} looks after {Scope} of {Server}")]
    static partial void LogStarting(ILogger logger, string version, string scope, Uri server);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ended as asked")]
    static partial void LogEnded(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Ending: {Reason}")]
    static partial void LogFailed(ILogger logger, Exception? error, string reason);
}
