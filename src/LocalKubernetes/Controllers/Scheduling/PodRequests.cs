using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>What a pod reserves of its host. Pure.</summary>
static class PodRequests
{
    /// <summary>Its containers and sidecars together, or its largest init container beside the sidecars that run by then if that is more.</summary>
    public static Dictionary<string, decimal> Of(V1PodSpec? spec)
    {
        var sum = new Dictionary<string, decimal>();
        foreach (var container in spec?.Containers ?? [])
        {
            Add(sum, container);
        }

        var sidecars = new Dictionary<string, decimal>();
        var largest = new Dictionary<string, decimal>();
        foreach (var initial in spec?.InitContainers ?? [])
        {
            if (initial.RestartPolicy == "Always")
            {
                Add(sidecars, initial);
                Add(sum, initial);
                continue;
            }

            foreach (var (resource, amount) in Of(initial))
            {
                largest[resource] = Math.Max(largest.GetValueOrDefault(resource), amount + sidecars.GetValueOrDefault(resource));
            }
        }

        foreach (var (resource, amount) in largest)
        {
            sum[resource] = Math.Max(sum.GetValueOrDefault(resource), amount);
        }

        return sum;
    }

    static void Add(Dictionary<string, decimal> sum, V1Container container)
    {
        foreach (var (resource, amount) in Of(container))
        {
            sum[resource] = sum.GetValueOrDefault(resource) + amount;
        }
    }

    /// <summary>A limit without a request is a request.</summary>
    static IEnumerable<(string Resource, decimal Amount)> Of(V1Container container)
    {
        var requests = container.Resources?.Requests ?? new Dictionary<string, Quantity>();
        var limits = container.Resources?.Limits ?? new Dictionary<string, Quantity>();
        return requests.Concat(limits.Where(limit => !requests.ContainsKey(limit.Key))).Select(pair => (pair.Key, pair.Value.Amount));
    }
}
