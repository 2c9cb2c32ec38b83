using Microsoft.Extensions.Logging;
using Slotwise.LocalKubernetes.Api;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes;

/// <summary>Where a local cluster listens and keeps what it needs.</summary>
internal sealed record LocalClusterOptions(int Port, string Kubeconfig, string StateDirectory);

/// <summary>All the parts of a local cluster, started in order and ended in the opposite one.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private readonly StateLock _lock;
    private readonly ILoggerFactory _loggers;

    private LocalCluster(StateLock stateLock, ILoggerFactory loggers, ApiServer server)
    {
        _lock = stateLock;
        _loggers = loggers;
        Server = server;
    }

    public ApiServer Server { get; }

    /// <exception cref="StateInUseException">Another localkube runs on this state directory.</exception>
    /// <exception cref="PortTakenException">Somebody else listens on the port.</exception>
    public static async Task<LocalCluster> StartAsync(LocalClusterOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var stateLock = StateLock.Take(options.StateDirectory);
        var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
        try
        {
            // Above every version that an earlier run said, so that old watches get 410 and list again.
            var startVersion = (time.GetUtcNow().ToUnixTimeSeconds() - new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()) * 100;
            var store = new Store(new StoreOptions { Time = time, Random = Random.Shared, StartVersion = startVersion });
            var server = await ApiServer.StartAsync(store, new ApiServerOptions { Port = options.Port, StateDirectory = options.StateDirectory }, logs: null, time, loggers, cancellationToken);
            server.WriteKubeconfig(options.Kubeconfig);
            return new LocalCluster(stateLock, loggers, server);
        }
        catch
        {
            loggers.Dispose();
            stateLock.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _loggers.Dispose();
        _lock.Dispose();
    }
}
