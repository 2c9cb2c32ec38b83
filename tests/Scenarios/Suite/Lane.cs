using Slotwise.EndToEnd.Clusters;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Scenarios.Suite;

/// <summary>
/// A LocalKubernetes of three hosts and an operator, for one case after the other: so every case has hosts of its own to lose. It is started by the first case.
/// </summary>
public sealed class Lane : IAsyncDisposable
{
    static int _cases;

    readonly RunningKubernetes _kubernetes = new("--delays", "short", "--hosts", "3", "--host-grace", "6");
    KubernetesClient? _api;
    OperatorLife? _operator;

    public RunningKubernetes Kubernetes => _kubernetes;

    /// <summary>The administrator's view.</summary>
    internal KubernetesClient Api => _api ?? throw new InvalidOperationException("not started");

    internal OperatorLife Operator => _operator ?? throw new InvalidOperationException("not started");

    /// <summary>A name that no other cluster has or had.</summary>
    public static string NextName() => $"s{Interlocked.Increment(ref _cases)}";

    /// <summary>Starts all of it, unless that was done.</summary>
    public async Task StartAsync()
    {
        if (_operator is null)
        {
            await _kubernetes.StartAsync();
            _api = new KubernetesClient(KubernetesConfiguration.Load(_kubernetes.Kubeconfig, null, TimeProvider.System), TimeProvider.System);
            _operator = new OperatorLife(() => _kubernetes.StartOperator(RunningKubernetes.Default));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await _kubernetes.DisposeAsync();
    }
}
