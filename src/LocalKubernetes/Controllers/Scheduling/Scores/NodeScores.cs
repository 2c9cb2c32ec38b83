using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Hosts;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Scores;

/// <summary>Rather a host without taints of PreferNoSchedule that the pod does not tolerate.</summary>
sealed class TaintScore(V1Pod pod) : IHostScore
{
    public int Weight => 3;

    public IReadOnlyList<double> Of(IReadOnlyList<HostView> hosts) => Normalize.Reversed([.. hosts.Select(host => (double)(host.Node.Spec?.Taints ?? []).Count(taint =>
        taint.Effect == "PreferNoSchedule" && !(pod.Spec?.Tolerations ?? []).Any(toleration => Taints.Tolerates(toleration, taint))))]);
}

/// <summary>Rather a host that the pod's preferred node affinity names.</summary>
sealed class AffinityScore(V1Pod pod) : IHostScore
{
    public int Weight => 2;

    public IReadOnlyList<double> Of(IReadOnlyList<HostView> hosts) => Normalize.Straight([.. hosts.Select(host =>
        (double)(pod.Spec?.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Where(term => NodeTerms.Match(term.Preference, host.Node)).Sum(term => term.Weight))]);
}

/// <summary>Rather a host of which less is reserved. Pods that reserve nothing count as kube-scheduler counts them.</summary>
sealed class ResourceScore(V1Pod pod) : IHostScore
{
    static readonly (string Resource, decimal Assumed)[] Counted = [("cpu", 0.1m), ("memory", 200m * 1024 * 1024)];

    public int Weight => 1;

    public IReadOnlyList<double> Of(IReadOnlyList<HostView> hosts) => [.. hosts.Select(host => Counted.Average(resource => Free(host, resource.Resource, resource.Assumed)))];

    double Free(HostView host, string resource, decimal assumed)
    {
        var all = host.Node.Status?.Allocatable?.TryGetValue(resource, out var quantity) == true ? quantity.Amount : 0;
        var reserved = host.Pods.Append(pod).Sum(other => PodRequests.Of(other.Spec).GetValueOrDefault(resource) is > 0 and var wanted ? wanted : assumed * (other.Spec?.Containers.Count ?? 0));
        return all <= 0 || reserved > all ? 0 : (double)((all - reserved) * 100 / all);
    }
}

/// <summary>Brings scores to 0 to 100.</summary>
static class Normalize
{
    public static IReadOnlyList<double> Straight(IReadOnlyList<double> scores)
    {
        var most = scores.DefaultIfEmpty().Max();
        return most <= 0 ? [.. scores.Select(_ => 0d)] : [.. scores.Select(score => score * 100 / most)];
    }

    public static IReadOnlyList<double> Reversed(IReadOnlyList<double> scores) => [.. Straight(scores).Select(score => 100 - score)];
}
