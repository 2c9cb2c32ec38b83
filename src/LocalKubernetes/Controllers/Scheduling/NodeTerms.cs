using System.Globalization;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>Whether a host is as terms of node affinity want it. Pure.</summary>
static class NodeTerms
{
    /// <summary>The pod's selector and its required affinity.</summary>
    public static bool Match(V1PodSpec? spec, V1Node node) =>
        Labels.Match(spec?.NodeSelector, node.Metadata.Labels) && (spec?.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required || Match(required, node));

    /// <summary>One of the terms is enough.</summary>
    public static bool Match(V1NodeSelector selector, V1Node node) => selector.NodeSelectorTerms.Any(term => Match(term, node));

    /// <summary>An empty term matches nothing.</summary>
    public static bool Match(V1NodeSelectorTerm term, V1Node node) =>
        (term.MatchExpressions is { Count: > 0 } || term.MatchFields is { Count: > 0 })
        && (term.MatchExpressions ?? []).All(expression => Match(expression, node.Metadata.Labels?.GetValueOrDefault(expression.Key)))
        && (term.MatchFields ?? []).All(field => Match(field, field.Key == "metadata.name" ? node.Metadata.Name : null));

    static bool Match(V1NodeSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
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
}
