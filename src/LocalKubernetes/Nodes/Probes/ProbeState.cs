using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Probes;

/// <summary>
/// What a sequence of answers to one probe says about a container. Pure. A change takes as many equal answers in a row as the
/// threshold says (kubelet's prober/worker.go).
/// </summary>
/// <param name="initial">What holds before the first change: a container is alive but not ready; null: not known.</param>
public sealed class ProbeState(V1Probe probe, bool? initial)
{
    bool? _last;
    int _run;

    public bool? Result { get; private set; } = initial;

    /// <summary>Takes an answer; true when the result is another than before.</summary>
    public bool Record(bool success)
    {
        _run = _last == success ? _run + 1 : 1;
        _last = success;
        var threshold = success ? probe.SuccessThreshold ?? 1 : probe.FailureThreshold ?? 3;
        if (_run < threshold || Result == success)
        {
            return false;
        }

        Result = success;
        return true;
    }
}
