using System.Globalization;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Planning;

/// <summary>Pods that are or shall be there and whose servers do not answer: whatever nobody else is or has, one of them may be or have (law 9).</summary>
public static class Absence
{
    /// <summary>Names of pods whose server may come back with a node id, slots or keys that no server that answers has.</summary>
    public static IReadOnlyList<string> Find(ClusterObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        var spec = observation.Cluster.Spec;
        var sets = observation.Objects.StatefulSets.Where(set => set.Metadata.IsControlledBy(observation.Cluster.Metadata.Uid)).ToList();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var pod in observation.Pods)
        {
            // Without a volume, a pod that never ran a process has nothing that it could come back with.
            if (pod.Server is null && !(spec.Storage is null && pod.NeverStarted))
            {
                names.Add(pod.Name);
            }
        }

        foreach (var set in sets)
        {
            AddMissing(set.Metadata.Name!, set.Spec?.Replicas ?? 0);
        }

        for (var shard = 0; shard < spec.Shards; shard++)
        {
            var name = ClusterNames.Shard(observation.Key.Name, shard);
            if (!sets.Any(set => set.Metadata.Name == name))
            {
                AddMissing(name, spec.NodesPerShard);
            }
        }

        return [.. names];

        void AddMissing(string set, int replicas)
        {
            for (var ordinal = 0; ordinal < replicas; ordinal++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{set}-{ordinal}");
                if (!observation.Pods.Any(pod => pod.Name == name))
                {
                    names.Add(name);
                }
            }
        }
    }
}
