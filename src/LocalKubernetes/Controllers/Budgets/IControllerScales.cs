using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Budgets;

/// <summary>How many pods the controllers of some pods ask for.</summary>
public interface IControllerScales
{
    /// <summary>The sum over the controllers of these pods; pods without one are not counted.</summary>
    /// <exception cref="ScaleException">A controller is gone, or its kind cannot be scaled.</exception>
    Task<int> SumAsync(string ns, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken);
}
