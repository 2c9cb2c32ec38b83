using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>Which pods a term of affinity between pods means. Pure.</summary>
static class Neighbours
{
    /// <param name="owner">The pod whose term it is.</param>
    /// <param name="other">The one that it may mean.</param>
    public static bool Concerns(V1PodAffinityTerm term, V1Pod owner, V1Pod other, SchedulingView view) =>
        InNamespace(term, owner.Metadata.NamespaceProperty ?? "", other.Metadata.NamespaceProperty ?? "", view) && Labels.Match(term.LabelSelector, other.Metadata.Labels);

    static bool InNamespace(V1PodAffinityTerm term, string own, string ns, SchedulingView view) =>
        (term.Namespaces is not { Count: > 0 } && term.NamespaceSelector is null && ns == own)
        || term.Namespaces?.Contains(ns) == true
        || (term.NamespaceSelector is { } selector && Labels.Match(selector, view.NamespaceLabels(ns) ?? new Dictionary<string, string>()));
}
