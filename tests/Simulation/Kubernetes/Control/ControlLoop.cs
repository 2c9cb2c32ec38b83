using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.Kubernetes.Control;

/// <summary>
/// Has a controller look at objects a little after something concerned them. A pass waits for nothing, as the store answers at once, so it is over when it returns.
/// </summary>
sealed class ControlLoop<T>(Simulator simulator, IEntityController<T> controller, Func<TimeSpan> delay)
    where T : class, IKubernetesObject<T>
{
    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    readonly SortedDictionary<NamespacedName, (TimeSpan At, Appointment Appointment)> _due = [];
    readonly SortedDictionary<NamespacedName, int> _failures = [];

    public void Add(NamespacedName key) => AddAfter(key, delay());

    void AddAfter(NamespacedName key, TimeSpan wait)
    {
        var at = simulator.Now + wait;
        if (_due.TryGetValue(key, out var known))
        {
            if (known.At <= at)
            {
                return;
            }

            known.Appointment.Cancel();
        }

        _due[key] = (at, simulator.After(wait, () => Look(key)));
    }

    void Look(NamespacedName key)
    {
        _due.Remove(key);
        var pass = controller.ReconcileAsync(key, CancellationToken.None);
        if (!pass.IsCompleted)
        {
            throw new InvalidOperationException($"{controller.GetType().Name} waits for something");
        }

        try
        {
            var result = pass.GetAwaiter().GetResult();
            _failures.Remove(key);
            if (result.RequeueAfter is { } again)
            {
                AddAfter(key, again);
            }
        }
        catch (KubernetesApiException)
        {
            var failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
            AddAfter(key, FirstRetry * Math.Pow(2, Math.Min(failures - 1, 8)));
        }
    }
}
