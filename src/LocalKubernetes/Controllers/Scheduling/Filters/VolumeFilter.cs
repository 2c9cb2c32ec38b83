using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;

/// <summary>The pod's volumes can be had on the host.</summary>
sealed class VolumeFilter(V1Pod pod, SchedulingView view) : IHostFilter
{
    readonly List<V1PersistentVolumeClaim> _bound = [.. ClaimsOf(pod, view).OfType<V1PersistentVolumeClaim>().Where(claim => claim.Spec?.VolumeName is { Length: > 0 })];

    /// <summary>What keeps the pod off every host; null when nothing does.</summary>
    public static string? Obstacle(V1Pod pod, SchedulingView view)
    {
        foreach (var name in NamesOf(pod))
        {
            switch (view.Claim(new NamespacedName(pod.Metadata.NamespaceProperty ?? "", name)))
            {
                case null:
                    return $"persistentvolumeclaim \"{name}\" not found";
                case { Metadata.DeletionTimestamp: not null }:
                    return $"persistentvolumeclaim \"{name}\" is being deleted";
                case { Status.Phase: "Lost", Spec.VolumeName: var volume }:
                    return $"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\"";
                case { Status.Phase: not "Bound" } claim when !Waits(claim, view):
                    return "pod has unbound immediate PersistentVolumeClaims";
            }
        }

        return null;
    }

    /// <summary>Claims that get their volume once the pod has a host.</summary>
    public static IReadOnlyList<V1PersistentVolumeClaim> Waiting(V1Pod pod, SchedulingView view) =>
        [.. ClaimsOf(pod, view).OfType<V1PersistentVolumeClaim>().Where(claim => claim.Status?.Phase != "Bound" && Waits(claim, view))];

    public IEnumerable<HostRefusal> Refusals(HostView host) =>
        _bound.Any(claim => view.Volume(claim.Spec!.VolumeName!)?.Spec.NodeAffinity?.Required is { } required && !NodeTerms.Match(required, host.Node))
            ? [new("node(s) didn't match PersistentVolume's node affinity", true)]
            : [];

    static bool Waits(V1PersistentVolumeClaim claim, SchedulingView view) =>
        claim.Spec?.VolumeName is null or "" && claim.Spec?.StorageClassName is { Length: > 0 } name && view.Class(name)?.VolumeBindingMode == "WaitForFirstConsumer";

    static IEnumerable<V1PersistentVolumeClaim?> ClaimsOf(V1Pod pod, SchedulingView view) =>
        NamesOf(pod).Select(name => view.Claim(new NamespacedName(pod.Metadata.NamespaceProperty ?? "", name)));

    static IEnumerable<string> NamesOf(V1Pod pod) => (pod.Spec?.Volumes ?? []).Select(volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>();
}
