using System.Text.Json.Nodes;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.LocalKubernetes.Api.Security.Rbac;

/// <summary>Rights by Roles, ClusterRoles and their bindings. The group <c>system:masters</c> may do everything.</summary>
public sealed class RbacAuthorizer : IAuthorizer
{
    static readonly string[] Plurals = ["clusterroles", "roles", "clusterrolebindings", "rolebindings"];

    readonly Store _store;
    readonly ResourceKind[] _kinds;
    volatile Snapshot _latest = new(-1, new RoleIndex([], [], [], []));

    public RbacAuthorizer(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _kinds = [.. Plurals.Select(plural => store.Kinds.Find("rbac.authorization.k8s.io", "v1", plural)!)];
    }

    public AccessDecision Decide(ApiUser user, AccessRequest request)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(request);
        if (user.IsPrivileged)
        {
            return new AccessDecision(true, "");
        }

        var problems = new List<string>();
        foreach (var grant in Index().Of(user, request.Namespace))
        {
            if (grant.Rules.Any(rule => rule.Allows(request)))
            {
                return new AccessDecision(true, $"RBAC: allowed by {grant.Source}");
            }

            if (grant.Problem is { } problem)
            {
                problems.Add(problem);
            }
        }

        return new AccessDecision(false, problems.Count switch
        {
            0 => "",
            1 => $"RBAC: {problems[0]}",
            _ => $"RBAC: [{string.Join(", ", problems.Distinct())}]",
        });
    }

    public IReadOnlyList<PolicyRule> RulesOf(ApiUser user, string ns)
    {
        ArgumentNullException.ThrowIfNull(user);
        PolicyRule[] everything = user.IsPrivileged
            ? [new PolicyRule { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] }, new PolicyRule { Verbs = ["*"], NonResourceUrls = ["*"] }]
            : [];
        return [.. everything, .. Index().Of(user, ns).SelectMany(grant => grant.Rules)];
    }

    public IReadOnlyList<PolicyRule>? RulesOf(JsonObject? roleRef, string ns) => Index().RulesOf(roleRef, ns);

    // Roles change seldom and are asked for with every request.
    RoleIndex Index()
    {
        var version = _kinds.Max(_store.LastChange);
        var latest = _latest;
        if (latest.Version != version)
        {
            latest = new Snapshot(version, new RoleIndex(All(0), All(1), All(2), All(3)));
            _latest = latest;
        }

        return latest.Index;
    }

    IEnumerable<JsonObject> All(int kind) => _store.List(_kinds[kind], null, new ListQuery()).Items.Select(stored => stored.Json);

    sealed record Snapshot(long Version, RoleIndex Index);
}
