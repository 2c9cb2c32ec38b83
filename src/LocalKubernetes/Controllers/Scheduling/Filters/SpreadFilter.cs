using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;

/// <summary>Spread constraints that must hold.</summary>
sealed class SpreadFilter(V1Pod pod, SchedulingView view) : IHostFilter
{
    readonly IReadOnlyList<SpreadCounts> _constraints = SpreadCounts.Of(pod, view, "DoNotSchedule");

    public IEnumerable<HostRefusal> Refusals(HostView host)
    {
        foreach (var counts in _constraints)
        {
            if (host.Label(counts.Constraint.TopologyKey) is not { } place)
            {
                return [new("node(s) didn't match pod topology spread constraints (missing required label)", true)];
            }

            if (counts.ByPlace.GetValueOrDefault(place) + (counts.CountsItself ? 1 : 0) - counts.Least > counts.Constraint.MaxSkew)
            {
                return [new("node(s) didn't match pod topology spread constraints", false)];
            }
        }

        return [];
    }
}
