using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers;

/// <summary>Whether labels are those that a selector asks for. Pure.</summary>
public static class Labels
{
    /// <summary>An empty selector matches everything; none at all, nothing.</summary>
    public static bool Match(V1LabelSelector? selector, IReadOnlyDictionary<string, string>? labels) =>
        selector is not null
        && Match(selector.MatchLabels, labels)
        && (selector.MatchExpressions ?? []).All(requirement => Match(requirement, labels));

    public static bool Match(IReadOnlyDictionary<string, string>? wanted, IReadOnlyDictionary<string, string>? labels) =>
        (wanted ?? new Dictionary<string, string>()).All(pair => labels?.GetValueOrDefault(pair.Key) == pair.Value);

    static bool Match(V1LabelSelectorRequirement requirement, IReadOnlyDictionary<string, string>? labels)
    {
        var value = labels?.GetValueOrDefault(requirement.Key);
        return requirement.OperatorProperty switch
        {
            "In" => value is not null && requirement.Values?.Contains(value) == true,
            "NotIn" => value is null || requirement.Values?.Contains(value) != true,
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}
