using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Discovery;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Controllers.Namespaces;

/// <summary>
/// Gives every namespace what pods expect in it, and says of one that is being deleted what holds it up. (The store itself empties it, all
/// kinds at once; Kubernetes has pods end first.)
/// </summary>
public sealed class NamespaceController(IKubernetesApi api, IObjectCache<V1Namespace> namespaces, ApiDiscovery discovery, string certificateAuthority, TimeProvider time) : IEntityController<V1Namespace>
{
    // most are empty at once, and need no conditions
    static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan NextLook = TimeSpan.FromSeconds(2);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Get(key) is not { } ns)
        {
            return default;
        }

        if (ns.Metadata.DeletionTimestamp is { } deleted)
        {
            if (time.GetUtcNow() - deleted < FirstLook)
            {
                return new ReconcileResult(FirstLook);
            }

            await TellWhatIsLeftAsync(key.Name, cancellationToken);
            return new ReconcileResult(NextLook);
        }

        await EnsureAsync(new ServiceAccountDocument { Metadata = new V1ObjectMeta { Name = "default", NamespaceProperty = key.Name } }, cancellationToken);
        await EnsureAsync(
            new V1ConfigMap
            {
                Metadata = new V1ObjectMeta { Name = "kube-root-ca.crt", NamespaceProperty = key.Name },
                Data = new Dictionary<string, string> { ["ca.crt"] = certificateAuthority },
            },
            cancellationToken);
        return default;
    }

    async Task TellWhatIsLeftAsync(string name, CancellationToken cancellationToken)
    {
        var left = new List<AnyObject>();
        foreach (var kind in (await discovery.ReadAsync(cancellationToken)).Where(kind => kind.Kind.Namespaced && kind.Can("list", "delete")))
        {
            left.AddRange(await discovery.ListAsync(kind, name, cancellationToken));
        }

        var ns = await discovery.Api.GetAsync($"/api/v1/namespaces/{name}", cancellationToken: cancellationToken);
        var before = ns.Object("status").Array("conditions");
        var conditions = NamespaceContent.ConditionsOf(left, before, time.GetUtcNow());
        if (!JsonNode.DeepEquals(before, conditions))
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = Meta.Uid(ns) }, ["status"] = new JsonObject { ["conditions"] = conditions } };
            await discovery.Api.MergePatchAsync($"/api/v1/namespaces/{name}/status", patch, cancellationToken);
        }
    }

    async Task EnsureAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            await api.CreateAsync(obj, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // as wished
        }
    }
}
