using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Ownership;

/// <summary>
/// Decides which objects a controller's resource has: those that name it their controller and match; it lets go of those that
/// no longer match, and takes those that match and that nobody controls. The rules are those of Kubernetes' controller_ref_manager.go.
/// </summary>
public sealed class Adoption<TOwner, T>(IKubernetesApi api, IObjectCache<T> dependents)
    where TOwner : class, IKubernetesObject<TOwner>
    where T : class, IKubernetesObject<T>
{
    /// <param name="owner">Who shall have them.</param>
    /// <param name="matches">By labels and name.</param>
    /// <exception cref="KubernetesApiException">409: an object changed meanwhile.</exception>
    public async Task<IReadOnlyList<T>> ClaimAsync(TOwner owner, Func<T, bool> matches, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(matches);
        var own = new List<T>();
        bool? mayAdopt = owner.Metadata.DeletionTimestamp is null ? null : false;
        foreach (var obj in dependents.List().Where(obj => obj.Metadata.NamespaceProperty == owner.Metadata.NamespaceProperty))
        {
            var controller = OwnerReference.ControllerOf(obj);
            if (controller?.Uid == owner.Metadata.Uid)
            {
                if (matches(obj))
                {
                    own.Add(obj);
                }
                else if (owner.Metadata.DeletionTimestamp is null)
                {
                    await WriteOwnersAsync(obj, obj.Metadata.OwnerReferences!.Where(one => one.Uid != owner.Metadata.Uid), cancellationToken);
                }
            }
            else if (controller is null && obj.Metadata.DeletionTimestamp is null && matches(obj) && (mayAdopt ??= await IsAliveAsync(owner, cancellationToken)))
            {
                own.Add(await WriteOwnersAsync(obj, (obj.Metadata.OwnerReferences ?? []).Append(OwnerReference.To(owner)), cancellationToken) ?? obj);
            }
        }

        return own;
    }

    /// <summary>Asked afresh: a cache that does not know yet that the owner goes would have it take back what garbage collection just orphaned (kubernetes #42639).</summary>
    async Task<bool> IsAliveAsync(TOwner owner, CancellationToken cancellationToken)
    {
        try
        {
            var fresh = await api.GetAsync<TOwner>(owner.Metadata.NamespaceProperty, owner.Metadata.Name!, cancellationToken);
            return fresh.Metadata.Uid == owner.Metadata.Uid && fresh.Metadata.DeletionTimestamp is null;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    async Task<T?> WriteOwnersAsync(T obj, IEnumerable<V1OwnerReference> owners, CancellationToken cancellationToken)
    {
        // the resourceVersion, because a merge patch replaces the whole list
        var metadata = new V1ObjectMeta { Uid = obj.Metadata.Uid, ResourceVersion = obj.Metadata.ResourceVersion, OwnerReferences = [.. owners] };
        var patch = new JsonObject { ["metadata"] = JsonSerializer.SerializeToNode(new V1Pod { Metadata = metadata }, V1Pod.JsonTypeInfo)!["metadata"]!.DeepClone() };
        try
        {
            return await api.MergePatchAsync<T>(obj.Metadata.NamespaceProperty, obj.Metadata.Name!, patch, null, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
