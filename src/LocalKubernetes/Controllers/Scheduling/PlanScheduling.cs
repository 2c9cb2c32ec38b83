using System.Globalization;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>Finds a node for a pod. Pure. Filters as kube-scheduler's default plugins do; of the nodes left, the one with the fewest pods.</summary>
public static class PlanScheduling
{
    /// <param name="pod">Not bound yet.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="pods">All pods; those bound take room.</param>
    /// <returns>The node's name; or null, and why in the scheduler's words.</returns>
    public static (string? Node, string Reason) Choose(V1Pod pod, IReadOnlyList<V1Node> nodes, IReadOnlyList<V1Pod> pods)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(pods);
        var bound = pods.Where(other => other.Spec?.NodeName is { Length: > 0 } && other.Status?.Phase is not ("Succeeded" or "Failed")).ToList();
        var refusals = new SortedDictionary<string, int>(StringComparer.Ordinal);
        V1Node? best = null;
        foreach (var node in nodes)
        {
            var here = bound.Where(other => other.Spec!.NodeName == node.Metadata.Name).ToList();
            var reasons = Refusals(pod, node, here, nodes, bound).ToList();
            foreach (var reason in reasons)
            {
                refusals[reason] = refusals.GetValueOrDefault(reason) + 1;
            }

            if (reasons.Count == 0 && (best is null || here.Count < bound.Count(other => other.Spec!.NodeName == best.Metadata.Name)))
            {
                best = node;
            }
        }

        if (best is not null)
        {
            return (best.Metadata.Name, "");
        }

        var list = refusals.Count == 0 ? "no nodes available to schedule pods" : string.Join(", ", refusals.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")));
        return (null, $"0/{nodes.Count.ToString(CultureInfo.InvariantCulture)} nodes are available: {list}.");
    }

    static IEnumerable<string> Refusals(V1Pod pod, V1Node node, List<V1Pod> here, IReadOnlyList<V1Node> nodes, List<V1Pod> bound)
    {
        var spec = pod.Spec ?? new V1PodSpec();
        if (node.Spec?.Unschedulable == true && !Tolerates(spec, new V1Taint { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" }))
        {
            yield return "node(s) were unschedulable";
        }

        if ((node.Spec?.Taints ?? []).FirstOrDefault(taint => taint.Effect is "NoSchedule" or "NoExecute" && !Tolerates(spec, taint)) is { } taint)
        {
            yield return $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}";
        }

        if (!IsReady(node))
        {
            yield return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }";
        }

        if (!Labels.Match(spec.NodeSelector, node.Metadata.Labels) || !MatchesAffinity(spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, node))
        {
            yield return "node(s) didn't match Pod's node affinity/selector";
        }

        foreach (var resource in Insufficient(spec, node, here))
        {
            yield return resource;
        }

        if ((spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Any(term => HasNeighbour(term, pod, node, nodes, bound)))
        {
            yield return "node(s) didn't match pod anti-affinity rules";
        }

        if ((spec.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Any(term => !HasNeighbour(term, pod, node, nodes, bound) && !MatchesItself(term, pod)))
        {
            yield return "node(s) didn't match pod affinity rules";
        }
    }

    static IEnumerable<string> Insufficient(V1PodSpec spec, V1Node node, List<V1Pod> here)
    {
        var allocatable = node.Status?.Allocatable ?? new Dictionary<string, Quantity>();
        if (allocatable.TryGetValue("pods", out var most) && here.Count + 1 > most.Amount)
        {
            yield return "Too many pods";
        }

        foreach (var (resource, wanted) in Requests(spec))
        {
            var free = (allocatable.TryGetValue(resource, out var all) ? all.Amount : 0) - here.Sum(other => Requests(other.Spec ?? new V1PodSpec()).GetValueOrDefault(resource));
            if (wanted > 0 && wanted > free)
            {
                yield return $"Insufficient {resource}";
            }
        }
    }

    /// <summary>What a pod reserves: its containers and sidecars together, or its largest init container if that is more.</summary>
    static Dictionary<string, decimal> Requests(V1PodSpec spec)
    {
        var sum = new Dictionary<string, decimal>();
        foreach (var container in spec.Containers.Concat((spec.InitContainers ?? []).Where(initial => initial.RestartPolicy == "Always")))
        {
            foreach (var (resource, amount) in RequestsOf(container))
            {
                sum[resource] = sum.GetValueOrDefault(resource) + amount;
            }
        }

        foreach (var (resource, amount) in (spec.InitContainers ?? []).Where(initial => initial.RestartPolicy != "Always").SelectMany(RequestsOf))
        {
            sum[resource] = Math.Max(sum.GetValueOrDefault(resource), amount);
        }

        return sum;
    }

    /// <summary>A limit without a request is a request.</summary>
    static IEnumerable<(string Resource, decimal Amount)> RequestsOf(V1Container container)
    {
        var requests = container.Resources?.Requests ?? new Dictionary<string, Quantity>();
        var limits = container.Resources?.Limits ?? new Dictionary<string, Quantity>();
        return requests.Concat(limits.Where(limit => !requests.ContainsKey(limit.Key))).Select(pair => (pair.Key, pair.Value.Amount));
    }

    static bool IsReady(V1Node node) => node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    static bool Tolerates(V1PodSpec spec, V1Taint taint) => (spec.Tolerations ?? []).Any(toleration =>
        (toleration.Effect is null or "" || toleration.Effect == taint.Effect)
        && (toleration.Key is null or "" ? toleration.OperatorProperty == "Exists" : toleration.Key == taint.Key)
        && (toleration.OperatorProperty == "Exists" || (toleration.Value ?? "") == (taint.Value ?? "")));

    static bool MatchesAffinity(V1NodeSelector? selector, V1Node node) =>
        selector is null || selector.NodeSelectorTerms.Any(term => (term.MatchExpressions ?? []).All(expression => Matches(expression, node.Metadata.Labels?.GetValueOrDefault(expression.Key)))
            && (term.MatchFields ?? []).All(field => Matches(field, field.Key == "metadata.name" ? node.Metadata.Name : null)));

    static bool Matches(V1NodeSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
    {
        "In" => value is not null && requirement.Values?.Contains(value) == true,
        "NotIn" => value is null || requirement.Values?.Contains(value) != true,
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(value, requirement) > 0,
        "Lt" => Compare(value, requirement) < 0,
        _ => false,
    };

    static int Compare(string? value, V1NodeSelectorRequirement requirement) =>
        long.TryParse(value, CultureInfo.InvariantCulture, out var has) && long.TryParse(requirement.Values is [var first, ..] ? first : null, CultureInfo.InvariantCulture, out var limit) ? has.CompareTo(limit) : 0;

    static bool HasNeighbour(V1PodAffinityTerm term, V1Pod pod, V1Node node, IReadOnlyList<V1Node> nodes, List<V1Pod> bound)
    {
        if (node.Metadata.Labels?.GetValueOrDefault(term.TopologyKey) is not { } domain)
        {
            return false;
        }

        var near = nodes.Where(other => other.Metadata.Labels?.GetValueOrDefault(term.TopologyKey) == domain).Select(other => other.Metadata.Name).ToHashSet();
        return bound.Any(other => near.Contains(other.Spec!.NodeName) && Concerns(term, pod, other));
    }

    static bool MatchesItself(V1PodAffinityTerm term, V1Pod pod) => Concerns(term, pod, pod);

    static bool Concerns(V1PodAffinityTerm term, V1Pod pod, V1Pod other) =>
        (term.Namespaces is { Count: > 0 } namespaces ? namespaces.Contains(other.Metadata.NamespaceProperty ?? "") : term.NamespaceSelector is not null || other.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty)
        && Labels.Match(term.LabelSelector, other.Metadata.Labels);
}
