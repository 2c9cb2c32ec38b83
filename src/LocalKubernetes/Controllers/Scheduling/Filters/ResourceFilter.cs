using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;

/// <summary>There is room for the pod and for what it reserves.</summary>
sealed class ResourceFilter(V1Pod pod) : IHostFilter
{
    readonly Dictionary<string, decimal> _wanted = PodRequests.Of(pod.Spec);

    public IEnumerable<HostRefusal> Refusals(HostView host)
    {
        var allocatable = host.Node.Status?.Allocatable ?? new Dictionary<string, Quantity>();
        if (allocatable.TryGetValue("pods", out var most) && host.Pods.Count + 1 > most.Amount)
        {
            yield return new("Too many pods", false);
        }

        var reserved = host.Pods.Select(other => PodRequests.Of(other.Spec)).ToList();
        foreach (var (resource, wanted) in _wanted.Where(pair => pair.Value > 0).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var all = allocatable.TryGetValue(resource, out var quantity) ? quantity.Amount : 0;
            if (wanted > all - reserved.Sum(other => other.GetValueOrDefault(resource)))
            {
                yield return new($"Insufficient {resource}", wanted > all);
            }
        }
    }
}
