using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Access;

/// <summary>Fills ClusterRoles that are made of others: <c>view</c> gets the rules of every role labelled <c>aggregate-to-view</c>, also of those that users add.</summary>
public sealed class RoleAggregation(IKubernetesApi api, IObjectCache<ClusterRoleDocument> roles) : IEntityController<ClusterRoleDocument>
{
    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (roles.Get(key) is not { AggregationRule.ClusterRoleSelectors: { } selectors } whole || whole.Metadata.DeletionTimestamp is not null)
        {
            return default;
        }

        var rules = new List<JsonNode>();
        foreach (var selector in selectors)
        {
            var parts = roles.List().Where(role => role.Metadata.Name != whole.Metadata.Name && Labels.Match(selector, role.Metadata.Labels));
            foreach (var rule in parts.OrderBy(role => role.Metadata.Name, StringComparer.Ordinal).SelectMany(role => role.Rules ?? []).OfType<JsonNode>())
            {
                if (!rules.Exists(known => JsonNode.DeepEquals(known, rule)))
                {
                    rules.Add(rule);
                }
            }
        }

        var wanted = new JsonArray([.. rules.Select(rule => rule.DeepClone())]);
        if (!JsonNode.DeepEquals(wanted, whole.Rules ?? []))
        {
            await api.MergePatchAsync<ClusterRoleDocument>(null, key.Name, new JsonObject { ["rules"] = wanted }, null, cancellationToken);
        }

        return default;
    }
}
