using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Namespaces;

/// <summary>Gives every namespace what pods expect in it. (The store itself empties a namespace that is deleted.)</summary>
public sealed class NamespaceController(IKubernetesApi api, IObjectCache<V1Namespace> namespaces, string certificateAuthority) : IEntityController<V1Namespace>
{
    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Get(key) is not { } ns || ns.Metadata.DeletionTimestamp is not null)
        {
            return default;
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
