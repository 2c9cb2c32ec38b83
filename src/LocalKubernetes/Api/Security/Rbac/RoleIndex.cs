using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Rbac;

/// <summary>All roles and bindings at one moment, found by the subjects that they are bound to.</summary>
sealed class RoleIndex
{
    readonly Dictionary<string, List<Grant>> _bySubject = [];
    readonly Dictionary<(string Kind, string Namespace, string Name), IReadOnlyList<PolicyRule>> _rules = [];

    public RoleIndex(IEnumerable<JsonObject> clusterRoles, IEnumerable<JsonObject> roles, IEnumerable<JsonObject> clusterBindings, IEnumerable<JsonObject> bindings)
    {
        foreach (var role in clusterRoles)
        {
            _rules[("ClusterRole", "", Meta.Name(role))] = PolicyRule.AllOf(role);
        }

        foreach (var role in roles)
        {
            _rules[("Role", Meta.Namespace(role), Meta.Name(role))] = PolicyRule.AllOf(role);
        }

        foreach (var binding in clusterBindings.Concat(bindings))
        {
            Add(binding);
        }
    }

    /// <summary>What a user was granted everywhere, then what he was granted in a namespace.</summary>
    public IEnumerable<Grant> Of(ApiUser user, string ns)
    {
        var grants = user.Groups.Select(group => $"Group {group}").Prepend($"User {user.Name}").SelectMany(subject => _bySubject.GetValueOrDefault(subject, [])).ToList();
        return grants.Where(grant => grant.Namespace is null).Concat(grants.Where(grant => ns.Length > 0 && grant.Namespace == ns));
    }

    /// <summary>The rules of the role that a binding names; null when there is no such role.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(JsonObject? roleRef, string ns)
    {
        var kind = roleRef.Text("kind") ?? "";
        return _rules.GetValueOrDefault((kind, kind == "Role" ? ns : "", roleRef.Text("name") ?? ""));
    }

    void Add(JsonObject binding)
    {
        var ns = Meta.Namespace(binding);
        var reference = binding.Object("roleRef");
        var rules = RulesOf(reference, ns);
        var what = $"{(ns.Length == 0 ? $"ClusterRoleBinding \"{Meta.Name(binding)}\"" : $"RoleBinding \"{Meta.Name(binding)}/{ns}\"")} of {reference.Text("kind")} \"{reference.Text("name")}\"";
        var problem = rules is null ? $"{reference.Text("kind")?.ToLowerInvariant()}.rbac.authorization.k8s.io \"{reference.Text("name")}\" not found" : null;
        foreach (var subject in (binding.Array("subjects") ?? []).OfType<JsonObject>())
        {
            var (kind, name) = (subject.Text("kind") ?? "", subject.Text("name") ?? "");
            var account = kind == "ServiceAccount";
            var space = subject.Text("namespace") is { Length: > 0 } given ? given : ns;
            var key = account ? $"User {ApiUser.ServiceAccountName(space, name)}" : $"{kind} {name}";
            var source = $"{what} to {kind} \"{(account ? $"{name}/{space}" : name)}\"";
            if (!_bySubject.TryGetValue(key, out var grants))
            {
                _bySubject.Add(key, grants = []);
            }

            grants.Add(new Grant(ns.Length == 0 ? null : ns, source, rules ?? [], problem));
        }
    }
}

/// <summary>The rules that a binding gives to one of its subjects.</summary>
/// <param name="Namespace">Where; null: everywhere.</param>
/// <param name="Source">In words, for answers.</param>
/// <param name="Problem">Why there are no rules; null when there are.</param>
sealed record Grant(string? Namespace, string Source, IReadOnlyList<PolicyRule> Rules, string? Problem);
