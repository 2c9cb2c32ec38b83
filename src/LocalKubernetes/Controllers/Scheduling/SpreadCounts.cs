using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>How many pods that one spread constraint counts are in each of its places. Pure.</summary>
sealed class SpreadCounts
{
    readonly V1Pod _pod;
    readonly Func<V1Pod, bool> _counts;

    SpreadCounts(V1Pod pod, V1TopologySpreadConstraint constraint, Func<V1Pod, bool> counts, IEnumerable<HostView> hosts)
    {
        _pod = pod;
        _counts = counts;
        Constraint = constraint;
        foreach (var host in hosts.Where(Includes))
        {
            var place = host.Label(constraint.TopologyKey)!;
            ByPlace[place] = ByPlace.GetValueOrDefault(place) + Count(host);
        }
    }

    public V1TopologySpreadConstraint Constraint { get; }

    public Dictionary<string, int> ByPlace { get; } = [];

    /// <summary>Whether the pod itself is one of those that are counted.</summary>
    public bool CountsItself => _counts(_pod);

    /// <summary>The smallest number in any place; none when there are fewer places than there must be.</summary>
    public int Least => ByPlace.Count < (Constraint.MinDomains ?? 1) ? 0 : ByPlace.Values.DefaultIfEmpty(int.MaxValue).Min();

    /// <summary>The pod's constraints of one sort. Only hosts that have the labels of all of them take part.</summary>
    public static IReadOnlyList<SpreadCounts> Of(V1Pod pod, SchedulingView view, string whenUnsatisfiable)
    {
        var constraints = (pod.Spec?.TopologySpreadConstraints ?? []).Where(constraint => constraint.WhenUnsatisfiable == whenUnsatisfiable).ToList();
        var hosts = view.Hosts.Where(host => constraints.TrueForAll(constraint => host.Label(constraint.TopologyKey) is not null)).ToList();
        return [.. constraints.Select(constraint => new SpreadCounts(pod, constraint, other => Matches(constraint, pod, other), hosts))];
    }

    /// <summary>What the cluster wishes for pods that say nothing: those of one controller on different hosts, and in different zones.</summary>
    public static IReadOnlyList<SpreadCounts> Default(V1Pod pod, SchedulingView view)
    {
        if (pod.Spec?.TopologySpreadConstraints is { Count: > 0 } || ControllerOf(pod) is not { } controller)
        {
            return [];
        }

        return [.. new[] { ("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5) }.Select(one => new SpreadCounts(
            pod,
            new V1TopologySpreadConstraint { TopologyKey = one.Item1, MaxSkew = one.Item2, WhenUnsatisfiable = "ScheduleAnyway" },
            other => ControllerOf(other) == controller,
            view.Hosts.Where(host => host.Label(one.Item1) is not null)))];
    }

    /// <summary>Pods on the way out no longer count.</summary>
    public int Count(HostView host) =>
        host.Pods.Count(other => other.Metadata.DeletionTimestamp is null && other.Metadata.NamespaceProperty == _pod.Metadata.NamespaceProperty && _counts(other));

    bool Includes(HostView host) =>
        (Constraint.NodeAffinityPolicy == "Ignore" || NodeTerms.Match(_pod.Spec, host.Node))
        && (Constraint.NodeTaintsPolicy != "Honor" || TaintFilter.Untolerated(_pod, host.Node) is null);

    static bool Matches(V1TopologySpreadConstraint constraint, V1Pod pod, V1Pod other) =>
        constraint.LabelSelector is { } selector
        && Labels.Match(selector, other.Metadata.Labels)
        && (constraint.MatchLabelKeys ?? []).All(key => pod.Metadata.Labels?.GetValueOrDefault(key) is not { } own || other.Metadata.Labels?.GetValueOrDefault(key) == own);

    static string? ControllerOf(V1Pod pod) => pod.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true)?.Uid;
}
