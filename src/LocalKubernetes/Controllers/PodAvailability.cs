using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers;

/// <summary>Whether pods are ready and have been so long enough. Pure.</summary>
public static class PodAvailability
{
    public static bool IsReady(V1Pod pod) => pod?.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Whether it counts for its controller: it neither ended nor is on its way out.</summary>
    public static bool IsActive(V1Pod pod) => pod?.Metadata.DeletionTimestamp is null && pod?.Status?.Phase is not ("Succeeded" or "Failed");

    /// <summary>How much longer a ready pod has to stay so until it is available; zero for one that is, null for one that is not ready.</summary>
    public static TimeSpan? TimeUntilAvailable(V1Pod pod, int? minReadySeconds, DateTimeOffset now)
    {
        if (!IsReady(pod))
        {
            return null;
        }

        var since = pod.Status!.Conditions!.First(condition => condition.Type == "Ready").LastTransitionTime ?? now;
        var left = since + TimeSpan.FromSeconds(minReadySeconds ?? 0) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
