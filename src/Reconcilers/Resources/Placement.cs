using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>Keeps the pods of one shard apart, so that one host or zone does not take a master and its replicas at once.</summary>
public static class Placement
{
    const string HostTopology = "kubernetes.io/hostname";
    const string ZoneTopology = "topology.kubernetes.io/zone";

    /// <summary>The user's affinity, and beside it the rules that follow from <c>scheduling.hosts</c> and <c>scheduling.zones</c>.</summary>
    public static V1Affinity? BuildAffinity(RedisCluster cluster, int shard)
    {
        var scheduling = cluster.Spec.Scheduling;
        var required = new List<V1PodAffinityTerm>(scheduling.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []);
        var preferred = new List<V1WeightedPodAffinityTerm>(scheduling.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []);

        Add(scheduling.Hosts, ClusterMetadata.ShardSelector(cluster, shard), HostTopology, weight: 100);
        Add(scheduling.Zones, ClusterMetadata.ShardSelector(cluster, shard), ZoneTopology, weight: 50);
        if (scheduling.Hosts != Spread.None)
        {
            // Shards of a cluster apart too, where there is room: a host then takes few masters with it.
            preferred.Add(Weighted(ClusterMetadata.Selector(cluster), HostTopology, weight: 10));
        }

        if (required.Count == 0 && preferred.Count == 0)
        {
            return scheduling.Affinity;
        }

        return (scheduling.Affinity ?? new V1Affinity()) with
        {
            PodAntiAffinity = new V1PodAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = required.Count == 0 ? null : required,
                PreferredDuringSchedulingIgnoredDuringExecution = preferred.Count == 0 ? null : preferred,
            },
        };

        void Add(Spread spread, SortedDictionary<string, string> selector, string topology, int weight)
        {
            if (spread == Spread.Required)
            {
                required.Add(Term(selector, topology));
            }
            else if (spread == Spread.Preferred)
            {
                preferred.Add(Weighted(selector, topology, weight));
            }
        }
    }

    static V1WeightedPodAffinityTerm Weighted(SortedDictionary<string, string> selector, string topology, int weight) =>
        new() { Weight = weight, PodAffinityTerm = Term(selector, topology) };

    static V1PodAffinityTerm Term(SortedDictionary<string, string> selector, string topology) =>
        new() { LabelSelector = new V1LabelSelector { MatchLabels = selector }, TopologyKey = topology };
}
