using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;

/// <summary>Affinity and anti-affinity between pods that must hold: the pod's own, and that of the pods which are there already against it.</summary>
sealed class NeighbourFilter : IHostFilter
{
    readonly V1Pod _pod;
    readonly SchedulingView _view;
    readonly IReadOnlyList<V1PodAffinityTerm> _near;
    readonly IReadOnlyList<V1PodAffinityTerm> _apart;
    readonly HashSet<(string Key, string Place)> _nearPlaces = [];
    readonly HashSet<(string Key, string Place)> _apartPlaces = [];
    readonly HashSet<(string Key, string Place)> _unwelcome = [];

    public NeighbourFilter(V1Pod pod, SchedulingView view)
    {
        _pod = pod;
        _view = view;
        _near = pod.Spec?.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [];
        _apart = pod.Spec?.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [];
        foreach (var host in view.Hosts)
        {
            foreach (var other in host.Pods)
            {
                Look(host, other);
            }
        }
    }

    public IEnumerable<HostRefusal> Refusals(HostView host)
    {
        if (!IsNear(host))
        {
            return [new("node(s) didn't match pod affinity rules", true)];
        }

        if (_apart.Any(term => host.Label(term.TopologyKey) is { } place && _apartPlaces.Contains((term.TopologyKey, place))))
        {
            return [new("node(s) didn't match pod anti-affinity rules", false)];
        }

        return _unwelcome.Any(place => host.Label(place.Key) == place.Place) ? [new("node(s) didn't satisfy existing pods anti-affinity rules", false)] : [];
    }

    void Look(HostView host, V1Pod other)
    {
        if (_near.Count > 0 && _near.All(term => Neighbours.Concerns(term, _pod, other, _view)))
        {
            Add(_nearPlaces, host, _near);
        }

        Add(_apartPlaces, host, _apart.Where(term => Neighbours.Concerns(term, _pod, other, _view)));
        var theirs = other.Spec?.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [];
        Add(_unwelcome, host, theirs.Where(term => Neighbours.Concerns(term, other, _pod, _view)));
    }

    static void Add(HashSet<(string, string)> places, HostView host, IEnumerable<V1PodAffinityTerm> terms)
    {
        foreach (var term in terms)
        {
            if (host.Label(term.TopologyKey) is { } place)
            {
                places.Add((term.TopologyKey, place));
            }
        }
    }

    bool IsNear(HostView host)
    {
        if (_near.Any(term => host.Label(term.TopologyKey) is null))
        {
            return false;
        }

        // the first of pods that want to be near each other has nobody to be near to
        return _near.All(term => _nearPlaces.Contains((term.TopologyKey, host.Label(term.TopologyKey)!)))
            || (_nearPlaces.Count == 0 && _near.All(term => Neighbours.Concerns(term, _pod, _pod, _view)));
    }
}
