using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Network.Services;

/// <summary>Makes the addresses of Services lead to their endpoints, from inside pods: LocalKubernetes' kube-proxy. The machine itself knows nothing of these addresses.</summary>
public sealed partial class ServiceAddresses : IAsyncDisposable
{
    // events come in bursts: what comes within this time is one change
    static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(30);

    readonly CancellationTokenSource _stop = new();
    readonly SemaphoreSlim _changed = new(1, 1);
    readonly PodNetwork _network;
    readonly Informer<V1Service> _services;
    readonly Informer<V1EndpointSlice> _slices;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Task _work;

    ServiceAddresses(PodNetwork network, IKubernetesApi api, TimeProvider time, ILogger logger)
    {
        _network = network;
        _time = time;
        _logger = logger;
        _services = new Informer<V1Service>(api, new InformerOptions<V1Service>(), time, new Random(), logger);
        _slices = new Informer<V1EndpointSlice>(api, new InformerOptions<V1EndpointSlice>(), time, new Random(), logger);
        _services.AddHandler((_, _) => MarkChanged());
        _slices.AddHandler((_, _) => MarkChanged());
        _work = Task.WhenAll(_services.RunAsync(_stop.Token), _slices.RunAsync(_stop.Token), RunAsync(_stop.Token));
    }

    /// <param name="api">As whom it reads Services and EndpointSlices.</param>
    public static ServiceAddresses Start(PodNetwork network, IKubernetesApi api, TimeProvider time, ILogger logger) => new(network, api, time, logger);

    /// <summary>Stops following. The rules end with the network.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(2), _time));
        _stop.Dispose();
    }

    void MarkChanged()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // marked already
        }
    }

    async Task RunAsync(CancellationToken cancellationToken)
    {
        var written = "";
        try
        {
            await Task.WhenAll(_services.WaitForSyncAsync(cancellationToken), _slices.WaitForSyncAsync(cancellationToken));
            while (true)
            {
                await _changed.WaitAsync(cancellationToken);
                await Task.Delay(Burst, _time, cancellationToken);
                var script = BuildServiceRules.Of(_services.List(), _slices.List());
                if (script != written)
                {
                    written = await TryWriteAsync(script, cancellationToken) ? script : "";
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the end
        }
    }

    async Task<bool> TryWriteAsync(string script, CancellationToken cancellationToken)
    {
        try
        {
            await _network.Rules.RunAsync(script, cancellationToken);
            return true;
        }
        catch (HostCommandException e)
        {
            LogNotWritten(_logger, e.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The addresses of Services could not be brought up to date, until the next change: {Reason}")]
    static partial void LogNotWritten(ILogger logger, string reason);
}
