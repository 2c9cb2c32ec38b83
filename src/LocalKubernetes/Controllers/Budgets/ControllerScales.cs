using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Discovery;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Controllers.Budgets;

/// <summary>How many pods the controllers of some pods ask for, whatever kind they are: by their scale subresource.</summary>
public sealed class ControllerScales(ApiDiscovery discovery) : IControllerScales
{
    public async Task<int> SumAsync(string ns, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pods);
        var scales = new Dictionary<string, int>();
        foreach (var (pod, owner) in pods.Select(pod => (pod, OwnerReference.ControllerOf(pod))).Where(pair => pair.Item2 is not null).DistinctBy(pair => pair.Item2!.Uid))
        {
            var (uid, scale) = await OfAsync(ns, owner!, cancellationToken) ?? throw new ScaleException($"found no controllers for pod \"{pod.Metadata.Name}\"");
            scales[uid] = scale;
        }

        return scales.Values.Sum();
    }

    /// <summary>Null when there is no such controller any more.</summary>
    async Task<(string Uid, int Replicas)?> OfAsync(string ns, V1OwnerReference owner, CancellationToken cancellationToken)
    {
        var kind = await discovery.FindAsync(owner.ApiVersion, owner.Kind, cancellationToken)
            ?? throw new ScaleException($"no matches for kind \"{owner.Kind}\" in version \"{owner.ApiVersion}\"");
        if (kind.Kind is { Group: "apps", Kind: "ReplicaSet" }
            && await discovery.MetadataAsync(kind, ns, owner.Name, cancellationToken) is { } set && set.Uid == owner.Uid
            && set.OwnerReferences?.FirstOrDefault(one => one.Controller == true) is { Kind: "Deployment" } deployment)
        {
            // two ReplicaSets of one Deployment count once
            return await OfAsync(ns, deployment, cancellationToken);
        }

        if (!kind.Parts.Contains("scale"))
        {
            throw new ScaleException($"{kind.GroupResource} does not implement the scale subresource");
        }

        try
        {
            var scale = await discovery.Api.GetAsync(kind.Kind.Path(ns, owner.Name, "scale"), cancellationToken: cancellationToken);
            return Meta.Uid(scale) == owner.Uid ? (owner.Uid, (int)(scale.Object("spec").Number("replicas") ?? 0)) : null;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}

/// <summary>It cannot be told how many pods there should be.</summary>
public sealed class ScaleException(string message) : Exception(message);
