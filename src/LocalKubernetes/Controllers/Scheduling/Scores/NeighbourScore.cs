using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Scores;

/// <summary>Rather near to, or apart from, the pods that the pod's preferred terms mean, and whose preferred terms mean it.</summary>
sealed class NeighbourScore : IHostScore
{
    // what it counts that a pod which is there must have such neighbours
    const int RequiredWeight = 1;

    readonly Dictionary<(string Key, string Place), long> _places = [];

    public NeighbourScore(V1Pod pod, SchedulingView view)
    {
        var near = pod.Spec?.Affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];
        var apart = pod.Spec?.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];
        foreach (var (host, other) in view.Hosts.SelectMany(host => host.Pods.Select(other => (host, other))))
        {
            Add(host, near.Where(term => Neighbours.Concerns(term.PodAffinityTerm, pod, other, view)), 1);
            Add(host, apart.Where(term => Neighbours.Concerns(term.PodAffinityTerm, pod, other, view)), -1);
            var theirs = other.Spec?.Affinity;
            Add(host, (theirs?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Where(term => Neighbours.Concerns(term.PodAffinityTerm, other, pod, view)), 1);
            Add(host, (theirs?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Where(term => Neighbours.Concerns(term.PodAffinityTerm, other, pod, view)), -1);
            var required = theirs?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [];
            Add(host, required.Where(term => Neighbours.Concerns(term, other, pod, view)).Select(term => new V1WeightedPodAffinityTerm { Weight = RequiredWeight, PodAffinityTerm = term }), 1);
        }
    }

    public int Weight => 2;

    public IReadOnlyList<double> Of(IReadOnlyList<HostView> hosts)
    {
        var scores = hosts.Select(host => _places.Where(place => host.Label(place.Key.Key) == place.Key.Place).Sum(place => place.Value)).ToList();
        var (least, most) = (scores.Min(), scores.Max());
        return [.. scores.Select(score => most == least ? 0 : 100d * (score - least) / (most - least))];
    }

    void Add(HostView host, IEnumerable<V1WeightedPodAffinityTerm> terms, int sign)
    {
        foreach (var term in terms)
        {
            if (host.Label(term.PodAffinityTerm.TopologyKey) is { } place)
            {
                var key = (term.PodAffinityTerm.TopologyKey, place);
                _places[key] = _places.GetValueOrDefault(key) + (sign * term.Weight);
            }
        }
    }
}
