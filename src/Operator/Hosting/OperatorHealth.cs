using Slotwise.Kubernetes.Cache;

namespace Slotwise.Operator.Hosting;

/// <summary>What /healthz and /readyz say. Null is well; else the reason.</summary>
sealed class OperatorHealth
{
    volatile string? _notReady = "starting";
    volatile Func<string?>? _findFault;

    /// <summary>Says what is being waited for before any cache can be complete.</summary>
    public void WaitingFor(string what) => _notReady = what;

    /// <summary>From now on the caches decide about readiness, and <paramref name="findFault"/> about health.</summary>
    public void Running(IReadOnlyList<IInformer> informers, Func<string?> findFault)
    {
        Informers = informers;
        _findFault = findFault;
        _notReady = null;
    }

    IReadOnlyList<IInformer> Informers { get; set; } = [];

    /// <summary>Why the process had better be started again.</summary>
    public string? Fault => _findFault?.Invoke();

    /// <summary>Why it cannot work yet. Once complete, a cache counts as complete though the API server may be away: a restart would not help.</summary>
    public string? NotReady => _notReady ?? (Informers.FirstOrDefault(informer => !informer.HasSynced) is { } behind
        ? $"the first list of {behind.Name} is not in yet{(behind.Trouble is { } trouble ? $": {trouble}" : "")}"
        : null);
}
