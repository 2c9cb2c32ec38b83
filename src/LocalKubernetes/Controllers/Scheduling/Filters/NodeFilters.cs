using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Hosts;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;

/// <summary>Cordoned hosts take no pods.</summary>
sealed class CordonFilter(V1Pod pod) : IHostFilter
{
    static readonly V1Taint Cordon = new() { Key = Taints.Unschedulable, Effect = "NoSchedule" };

    public IEnumerable<HostRefusal> Refusals(HostView host) =>
        host.Node.Spec?.Unschedulable == true && !(pod.Spec?.Tolerations ?? []).Any(toleration => Taints.Tolerates(toleration, Cordon)) ? [new("node(s) were unschedulable", true)] : [];
}

/// <summary>Taints keep off what does not tolerate them.</summary>
sealed class TaintFilter(V1Pod pod) : IHostFilter
{
    public IEnumerable<HostRefusal> Refusals(HostView host) =>
        Untolerated(pod, host.Node) is { } taint ? [new($"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}", true)] : [];

    public static V1Taint? Untolerated(V1Pod pod, V1Node node) => (node.Spec?.Taints ?? []).FirstOrDefault(taint =>
        taint.Effect is "NoSchedule" or "NoExecute" && !(pod.Spec?.Tolerations ?? []).Any(toleration => Taints.Tolerates(toleration, taint)));
}

/// <summary>The pod's node selector and required node affinity.</summary>
sealed class AffinityFilter(V1Pod pod) : IHostFilter
{
    // hosts that are asked for by name: the others are not even looked at
    readonly HashSet<string>? _named = Named(pod.Spec?.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution);

    public IEnumerable<HostRefusal> Refusals(HostView host) =>
        _named?.Contains(host.Name) == false ? [new("node(s) didn't satisfy plugin(s) [NodeAffinity]", true)]
        : NodeTerms.Match(pod.Spec, host.Node) ? []
        : [new("node(s) didn't match Pod's node affinity/selector", true)];

    static HashSet<string>? Named(V1NodeSelector? required)
    {
        if (required is null || required.NodeSelectorTerms.Count == 0)
        {
            return null;
        }

        var names = required.NodeSelectorTerms.Select(term => term.MatchFields?.Where(field => field is { Key: "metadata.name", OperatorProperty: "In" }).Select(field => field.Values ?? []).ToList()).ToList();
        return names.All(term => term is { Count: > 0 }) ? [.. names.SelectMany(term => term!.Aggregate((one, other) => [.. one.Intersect(other)]))] : null;
    }
}
