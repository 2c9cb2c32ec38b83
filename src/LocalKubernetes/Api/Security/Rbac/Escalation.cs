using System.Net;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Rbac;

/// <summary>
/// Nobody grants more than he has: roles are written only by those who have all of their rules, or the right to <c>escalate</c>;
/// bindings only by those who have all rules of the role, or the right to <c>bind</c> it. See <c>pkg/registry/rbac</c>.
/// </summary>
sealed class Escalation(IAuthorizer authorizer)
{
    const string Group = "rbac.authorization.k8s.io";

    static readonly PolicyRule[] Everything =
    [
        new() { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] },
        new() { Verbs = ["*"], NonResourceUrls = ["*"] },
    ];

    /// <exception cref="Kubernetes.Api.KubernetesApiException">403: it would grant what the user has not; 404: the binding's role is not there.</exception>
    public void Refuse(ApiUser user, AccessRequest request, ResourceKind kind, JsonObject obj, JsonObject? before)
    {
        if (kind.Kind.Group != Group || user.IsPrivileged || OnlyCleanup(obj, before))
        {
            return;
        }

        var about = request with { Name = Meta.Name(obj) };
        if (kind.Kind.Plural is "roles" or "clusterroles")
        {
            RefuseRole(user, about, obj, before);
        }
        else
        {
            RefuseBinding(user, about, obj);
        }
    }

    void RefuseRole(ApiUser user, AccessRequest about, JsonObject role, JsonObject? before)
    {
        if (authorizer.Decide(user, new AccessRequest { Verb = "escalate", Group = Group, Version = "*", Resource = about.Resource, Namespace = about.Namespace, Name = about.Name }).Allowed)
        {
            return;
        }

        if (Missing(user, about.Namespace, PolicyRule.AllOf(role)) is { } missing)
        {
            throw AccessRefusal.Forbidden(about, missing);
        }

        if ((Aggregates(role) || Aggregates(before)) && Missing(user, "", Everything) is not null)
        {
            throw AccessRefusal.Forbidden(about, "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    void RefuseBinding(ApiUser user, AccessRequest about, JsonObject binding)
    {
        var role = binding.Object("roleRef");
        var resource = role.Text("kind") == "Role" ? "roles" : "clusterroles";
        var name = role.Text("name") ?? "";
        if (authorizer.Decide(user, new AccessRequest { Verb = "bind", Group = Group, Version = "*", Resource = resource, Namespace = about.Namespace, Name = name }).Allowed)
        {
            return;
        }

        var rules = authorizer.RulesOf(role, about.Namespace) ?? throw ApiError.Of(
            HttpStatusCode.NotFound, "NotFound", $"{about.Resource}.{Group} \"{name}\" not found", new V1StatusDetails { Name = name, Group = Group, Kind = about.Resource });
        if (Missing(user, about.Namespace, rules) is { } missing)
        {
            throw AccessRefusal.Forbidden(about, missing);
        }
    }

    /// <summary>What of some rules a user does not have, in words; null when he has all.</summary>
    string? Missing(ApiUser user, string ns, IEnumerable<PolicyRule> wanted)
    {
        var own = authorizer.RulesOf(user, ns);
        var missing = wanted.SelectMany(rule => rule.Split()).Where(single => !own.Any(rule => rule.Covers(single))).ToList();
        if (missing.Count == 0)
        {
            return null;
        }

        var lines = missing
            .GroupBy(rule => (rule with { Verbs = [] }).ToString())
            .SelectMany(same => same.First().NonResourceUrls.Count > 0 ? same.AsEnumerable() : [same.First() with { Verbs = [.. same.SelectMany(rule => rule.Verbs)] }])
            .Select(rule => rule.ToString()).Distinct().Order(StringComparer.Ordinal);
        return $"user \"{user.Name}\" (groups={PolicyRule.Show(user.Groups)}) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', lines)}";
    }

    static bool Aggregates(JsonObject? role) => role.Object("aggregationRule").Array("clusterRoleSelectors") is { Count: > 0 };

    // What the garbage collector changes so that the object can go.
    static bool OnlyCleanup(JsonObject obj, JsonObject? before)
    {
        return before is not null && JsonNode.DeepEquals(Rest(obj), Rest(before));

        static JsonObject Rest(JsonObject of)
        {
            var rest = of.Clone();
            foreach (var name in (string[])["ownerReferences", "finalizers", "managedFields", "resourceVersion"])
            {
                Meta.Of(rest).Remove(name);
            }

            return rest;
        }
    }
}
