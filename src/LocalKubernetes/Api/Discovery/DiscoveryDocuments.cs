using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.LocalKubernetes.Api.Discovery;

/// <summary>What kinds there are and what can be done with them, in the plain form and in the aggregated one.</summary>
public static class DiscoveryDocuments
{
    /// <summary><c>/api</c>.</summary>
    public static JsonObject CoreVersions(string serverAddress) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = serverAddress }),
    };

    /// <summary><c>/apis</c>.</summary>
    public static JsonObject Groups(KindRegistry kinds) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames(kinds).Select(group => Group(kinds, group))]),
    };

    /// <summary><c>/apis/GROUP</c>; null when there is no such group.</summary>
    public static JsonObject? GroupOrNull(KindRegistry kinds, string group) => GroupNames(kinds).Contains(group)
        ? With(Group(kinds, group), "APIGroup", "v1")
        : null;

    /// <summary><c>/api/v1</c> and <c>/apis/GROUP/VERSION</c>; null when there is no such version.</summary>
    public static JsonObject? Resources(KindRegistry kinds, string group, string version)
    {
        var served = Served(kinds, group, version).ToList();
        return served.Count == 0 ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = new JsonArray([.. served.SelectMany(Resources)]),
        };
    }

    /// <summary><c>/api</c> or <c>/apis</c> with everything in one answer.</summary>
    /// <param name="kinds">What is served.</param>
    /// <param name="core">Whether it is <c>/api</c>.</param>
    /// <param name="version"><c>v2</c> or <c>v2beta1</c>.</param>
    public static JsonObject Aggregated(KindRegistry kinds, bool core, string version) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. (core ? [""] : GroupNames(kinds)).Select(group => (JsonNode)new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = group },
            ["versions"] = new JsonArray([.. Versions(kinds, group).Select(groupVersion => (JsonNode)new JsonObject
            {
                ["version"] = groupVersion,
                ["resources"] = new JsonArray([.. Served(kinds, group, groupVersion).Select(AggregatedResource)]),
                ["freshness"] = "Current",
            })]),
        })]),
    };

    static IEnumerable<JsonObject> Resources(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["name"] = kind.Kind.Plural,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.Kind.Namespaced,
            ["kind"] = kind.Kind.Kind,
            ["verbs"] = List(kind.Verbs),
        };
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = List(kind.ShortNames);
        }

        if (kind.Categories.Count > 0)
        {
            resource["categories"] = List(kind.Categories);
        }

        yield return resource;
        foreach (var part in Subresources.Of(kind))
        {
            var json = new JsonObject
            {
                ["name"] = $"{kind.Kind.Plural}/{part.Name}",
                ["singularName"] = "",
                ["namespaced"] = kind.Kind.Namespaced,
                ["kind"] = part.Kind.Kind,
                ["verbs"] = List(part.Verbs),
            };
            if (part.Kind.ApiVersion != kind.Kind.ApiVersion)
            {
                json["group"] = part.Kind.Group;
                json["version"] = part.Kind.Version;
            }

            yield return json;
        }
    }

    static JsonObject AggregatedResource(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["resource"] = kind.Kind.Plural,
            ["responseKind"] = KindOf(kind.Kind),
            ["scope"] = kind.Kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = List(kind.Verbs),
        };
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = List(kind.ShortNames);
        }

        if (kind.Categories.Count > 0)
        {
            resource["categories"] = List(kind.Categories);
        }

        var parts = Subresources.Of(kind).ToList();
        if (parts.Count > 0)
        {
            resource["subresources"] = new JsonArray([.. parts.Select(part => (JsonNode)new JsonObject
            {
                ["subresource"] = part.Name,
                ["responseKind"] = KindOf(part.Kind),
                ["verbs"] = List(part.Verbs),
            })]);
        }

        return resource;
    }

    static JsonObject KindOf(KubernetesKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    static JsonObject Group(KindRegistry kinds, string group)
    {
        var versions = Versions(kinds, group).Select(version => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version }).ToList();
        return new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions]),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    static JsonObject With(JsonObject body, string kind, string apiVersion)
    {
        body.Insert(0, "kind", kind);
        body.Insert(1, "apiVersion", apiVersion);
        return body;
    }

    static List<string> GroupNames(KindRegistry kinds) => [.. kinds.All.Select(kind => kind.Kind.Group).Where(group => group.Length > 0).Distinct()];

    static IEnumerable<string> Versions(KindRegistry kinds, string group) =>
        kinds.All.Where(kind => kind.Kind.Group == group).Select(kind => kind.Kind.Version).Distinct();

    static IEnumerable<ResourceKind> Served(KindRegistry kinds, string group, string version) =>
        kinds.All.Where(kind => kind.Kind.Group == group && kind.Kind.Version == version);

    static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
