using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Rbac;

/// <summary>What a role allows: verbs on resources, or verbs on paths. Nothing is denied by a rule.</summary>
public sealed record PolicyRule
{
    public IReadOnlyList<string> Verbs { get; init; } = [];

    public IReadOnlyList<string> ApiGroups { get; init; } = [];

    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>Empty: all.</summary>
    public IReadOnlyList<string> ResourceNames { get; init; } = [];

    public IReadOnlyList<string> NonResourceUrls { get; init; } = [];

    public static PolicyRule Of(JsonObject json) => new()
    {
        Verbs = [.. json.Array("verbs").Texts()],
        ApiGroups = [.. json.Array("apiGroups").Texts()],
        Resources = [.. json.Array("resources").Texts()],
        ResourceNames = [.. json.Array("resourceNames").Texts()],
        NonResourceUrls = [.. json.Array("nonResourceURLs").Texts()],
    };

    public static IReadOnlyList<PolicyRule> AllOf(JsonObject role) => [.. (role.Array("rules") ?? []).OfType<JsonObject>().Select(Of)];

    public bool Allows(AccessRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!Has(Verbs, request.Verb))
        {
            return false;
        }

        return request.Path is { } path
            ? NonResourceUrls.Any(url => UrlCovers(url, path))
            : Has(ApiGroups, request.Group) && AllowsResource(request) && (ResourceNames.Count == 0 || ResourceNames.Contains(request.Name));
    }

    /// <summary>Whether it allows all that a rule of one verb and one resource or path allows.</summary>
    public bool Covers(PolicyRule single)
    {
        ArgumentNullException.ThrowIfNull(single);
        return single.Verbs.All(verb => Has(Verbs, verb))
            && single.ApiGroups.All(group => Has(ApiGroups, group))
            && single.Resources.All(CoversResource)
            && single.NonResourceUrls.All(path => NonResourceUrls.Any(url => UrlCovers(url, path)))
            && (ResourceNames.Count == 0 || (single.ResourceNames.Count > 0 && single.ResourceNames.All(ResourceNames.Contains)));
    }

    /// <summary>The same as rules of one verb and one resource, name or path each.</summary>
    public IEnumerable<PolicyRule> Split()
    {
        foreach (var verb in Verbs)
        {
            foreach (var url in NonResourceUrls)
            {
                yield return new PolicyRule { Verbs = [verb], NonResourceUrls = [url] };
            }

            foreach (var group in ApiGroups)
            {
                foreach (var resource in Resources)
                {
                    if (ResourceNames.Count == 0)
                    {
                        yield return new PolicyRule { Verbs = [verb], ApiGroups = [group], Resources = [resource] };
                    }

                    foreach (var name in ResourceNames)
                    {
                        yield return new PolicyRule { Verbs = [verb], ApiGroups = [group], Resources = [resource], ResourceNames = [name] };
                    }
                }
            }
        }
    }

    /// <summary>As Kubernetes' messages show it: <c>{APIGroups:[""], Resources:["pods"], Verbs:["get"]}</c>.</summary>
    public override string ToString()
    {
        var parts = new (string Name, IReadOnlyList<string> Values)[]
        {
            ("APIGroups", ApiGroups), ("Resources", Resources), ("NonResourceURLs", NonResourceUrls), ("ResourceNames", ResourceNames), ("Verbs", Verbs),
        };
        return $"{{{string.Join(", ", parts.Where(part => part.Values.Count > 0).Select(part => $"{part.Name}:{Show(part.Values)}"))}}}";
    }

    public static string Show(IEnumerable<string> values) => $"[{string.Join(" ", values.Select(value => $"\"{value}\""))}]";

    bool AllowsResource(AccessRequest request) =>
        Has(Resources, request.CombinedResource) || (request.Subresource.Length > 0 && Resources.Contains($"*/{request.Subresource}"));

    bool CoversResource(string resource)
    {
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return Has(Resources, resource) || (slash >= 0 && Resources.Contains($"*{resource[slash..]}"));
    }

    static bool Has(IReadOnlyList<string> values, string value) => values.Contains("*") || values.Contains(value);

    static bool UrlCovers(string url, string path) =>
        url == path || (url.EndsWith('*') && path.StartsWith(url.TrimEnd('*'), StringComparison.Ordinal));
}
