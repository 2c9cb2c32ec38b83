using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Rbac;

/// <summary>The roles and bindings that a cluster starts with: those of Kubernetes that somebody here can have, and those of localkube's own parts.</summary>
static class BootstrapRoles
{
    const string Group = "rbac.authorization.k8s.io";

    /// <summary>Makes those that are missing.</summary>
    public static void Ensure(Store store)
    {
        foreach (var role in Read())
        {
            var kind = store.Kinds.FindKind($"{Group}/v1", role.Text("kind")!)!;
            try
            {
                store.Create(kind, Meta.Namespace(role), role, new WriteOptions { Manager = "kube-apiserver" });
            }
            catch (KubernetesApiException e) when (e.IsAlreadyExists)
            {
                // of an earlier start, perhaps changed on purpose
            }
        }
    }

    static IEnumerable<JsonObject> Read()
    {
        using var stream = typeof(BootstrapRoles).Assembly.GetManifestResourceStream("BootstrapRoles.json")!;
        foreach (var role in JsonNode.Parse(stream)!.AsArray().OfType<JsonObject>())
        {
            var metadata = Meta.Of(role);
            metadata.Ensure("labels")["kubernetes.io/bootstrapping"] = "rbac-defaults";
            metadata.Ensure("annotations")["rbac.authorization.kubernetes.io/autoupdate"] = "true";
            yield return role;
        }
    }
}
