using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Scores;

/// <summary>Rather where spread constraints that should hold do: the pod's own, or for pods of a controller the cluster's.</summary>
sealed class SpreadScore(V1Pod pod, SchedulingView view) : IHostScore
{
    readonly IReadOnlyList<SpreadCounts> _constraints = [.. SpreadCounts.Of(pod, view, "ScheduleAnyway"), .. SpreadCounts.Default(pod, view)];

    public int Weight => 2;

    public IReadOnlyList<double> Of(IReadOnlyList<HostView> hosts)
    {
        if (_constraints.Count == 0)
        {
            return [.. hosts.Select(_ => 0d)];
        }

        var scores = hosts.Select(host => Math.Round(_constraints.Sum(counts => Score(counts, host, hosts)))).ToList();
        var (least, most) = (scores.Min(), scores.Max());
        return [.. scores.Select(score => most == 0 ? 100 : 100 * (most + least - score) / most)];
    }

    static double Score(SpreadCounts counts, HostView host, IReadOnlyList<HostView> hosts)
    {
        var key = counts.Constraint.TopologyKey;
        if (host.Label(key) is not { } place)
        {
            return 0;
        }

        var number = key == "kubernetes.io/hostname" ? counts.Count(host) : counts.ByPlace.GetValueOrDefault(place);
        var places = hosts.Select(one => one.Label(key)).OfType<string>().Distinct().Count();
        return (number * Math.Log(places + 2)) + counts.Constraint.MaxSkew - 1;
    }
}
