using System.Globalization;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Simulation.Laws;

/// <summary>A pod that is or shall be and whose server did not answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Set">Its StatefulSet.</param>
/// <param name="MayHaveBeen">Whether it may have run before, and have kept something.</param>
sealed record SilentPod(string Name, string Set, bool MayHaveBeen);

static class SilentPods
{
    /// <summary>The silent pods of an observation, by name.</summary>
    public static IReadOnlyList<SilentPod> Find(ClusterObservation observation)
    {
        var silent = new SortedDictionary<string, SilentPod>(StringComparer.Ordinal);
        var spec = observation.Cluster.Spec;
        foreach (var pod in observation.Pods.Where(pod => pod.Server is null))
        {
            silent[pod.Name] = new SilentPod(pod.Name, SetOf(pod.Name), !(pod.NeverStarted && (spec.Storage is null || IsFresh(observation, pod))));
        }

        foreach (var set in observation.Objects.StatefulSets.Where(set => set.Metadata.IsControlledBy(observation.Cluster.Metadata.Uid)))
        {
            for (var ordinal = 0; ordinal < (set.Spec?.Replicas ?? 0); ordinal++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{ordinal}");
                if (!observation.Pods.Any(pod => pod.Name == name))
                {
                    // Without a volume a pod that does not exist has nothing to come back with; but the cache may not show it yet.
                    silent[name] = new SilentPod(name, set.Metadata.Name!, observation.WasFormed || spec.Storage is not null);
                }
            }
        }

        return [.. silent.Values];
    }

    static string SetOf(string pod) => pod[..pod.LastIndexOf('-')];

    /// <summary>Whether its volume was made with it, so that nobody wrote to it before.</summary>
    static bool IsFresh(ClusterObservation observation, PodObservation pod)
    {
        var name = ClusterNames.Claim(observation.Key.Name, pod.Shard, pod.Ordinal);
        return observation.Objects.Claims.FirstOrDefault(claim => claim.Metadata.Name == name) is { } claim
            && claim.Metadata.CreationTimestamp >= observation.Cluster.Metadata.CreationTimestamp
            && pod.Pod.Metadata.CreationTimestamp - claim.Metadata.CreationTimestamp <= TimeSpan.FromSeconds(5);
    }
}
