using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 2: the Kubernetes objects that must exist. Missing StatefulSets are created, one with too few pods gets more, and no template is edited here: an
/// edited one would let a lost host bring pods of a new version back beside old ones.
/// </summary>
public static class Objects
{
    /// <summary>Deletions are heard of through the API server; this is for the case that nothing is heard.</summary>
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var cluster = view.Observation.Cluster;
        if (view.Invalid.Count > 0)
        {
            return RungAnswer.Of(view.Invalid);
        }

        var objects = view.Observation.Objects;
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        AddCredentials(steps, view);
        AddIfDifferent(steps, cluster, Services.BuildNodes(cluster), objects.Services);
        AddIfDifferent(steps, cluster, Services.BuildClient(cluster), objects.Services);
        AddIfDifferent(steps, cluster, Policies.BuildNetworkPolicy(cluster), objects.NetworkPolicies);

        AddIfDifferent(steps, cluster, ConfigMaps.Build(cluster, view.Config.FileNow()), objects.ConfigMaps);
        for (var shard = 0; shard < cluster.Spec.Shards; shard++)
        {
            AddShard(steps, waits, view, shard);
        }

        var volumes = Volumes.Plan(view);
        return new RungAnswer([.. steps, .. volumes.Steps], [.. waits, .. volumes.Waits], []);
    }

    static void AddShard(List<IStep> steps, List<Wait> waits, ClusterView view, int shard)
    {
        var cluster = view.Observation.Cluster;
        var budgets = view.Observation.Objects.DisruptionBudgets;
        if (Policies.BuildDisruptionBudget(cluster, shard) is { } budget)
        {
            AddIfDifferent(steps, cluster, budget, budgets);
        }
        else if (Find(budgets, ClusterNames.Shard(cluster.Metadata.Name!, shard)) is { } surplus && view.IsOurs(surplus))
        {
            steps.Add(new DeleteObject<V1PodDisruptionBudget>(view.Observation.Key.Namespace, surplus.Metadata.Name!, surplus.Metadata.Uid!));
        }

        if (view.StatefulSet(shard) is not { } live)
        {
            // One that is made again is made from what was saved of it.
            if (SavedStatefulSet.Find(view.Observation, shard) is null)
            {
                AddSet(steps, waits, view, shard);
            }
        }
        else if (live.Metadata.DeletionTimestamp is null)
        {
            AddWanted(steps, live, cluster.Spec.NodesPerShard);
        }
        else if (SavedStatefulSet.Find(view.Observation, shard) is null)
        {
            waits.Add(new Wait("StatefulSetDeleted", $"somebody deleted StatefulSet {live.Metadata.Name}: it is made again when it is gone", Slow));
        }
    }

    /// <summary>
    /// Not on claims that are about to go with an earlier cluster of this name: a pod would begin on a volume that ends with it. And if there are pods that
    /// belong to nobody, as somebody deleted the set without them, nothing is reshaped before they belong to the new one.
    /// </summary>
    static void AddSet(List<IStep> steps, List<Wait> waits, ClusterView view, int shard)
    {
        var cluster = view.Observation.Cluster;
        for (var ordinal = 0; ordinal < cluster.Spec.NodesPerShard; ordinal++)
        {
            if (Claims.Of(view.Observation, ClusterNames.Pod(view.Observation.Key.Name, shard, ordinal)) is { } claim && Claims.IsGoing(claim, cluster))
            {
                waits.Add(new Wait("EarlierVolumes", $"claim {claim.Metadata.Name} of an earlier cluster or pod of this name is still being deleted", Slow));
                return;
            }
        }

        if (view.Observation.Pods.FirstOrDefault(pod => pod.Shard == shard) is { } orphan)
        {
            waits.Add(new Wait("Adopting", $"{orphan.Name} belongs to no StatefulSet yet", Slow));
        }

        var wanted = StatefulSets.Build(cluster, shard);
        steps.Add(new ApplyObject<V1StatefulSet>(wanted with { Spec = wanted.Spec! with { Template = view.Roll.TemplateForNew(shard) } }, cluster.Metadata.Uid!));
    }

    /// <summary>
    /// More pods disturb nobody. Those of a shard that was to be removed come back, and what was noted about its end is taken off; fewer pods are a matter of
    /// rung 13, which sees to it that no master is among those that go.
    /// </summary>
    static void AddWanted(List<IStep> steps, V1StatefulSet live, int nodes)
    {
        var replicas = live.Spec?.Replicas ?? 1;
        var notes = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var name in (string[])[ClusterMetadata.DrainingAnnotation, ClusterMetadata.EmptiedAnnotation, ClusterMetadata.RetiredNodesAnnotation])
        {
            if (live.Metadata.Annotations?.ContainsKey(name) == true)
            {
                notes[name] = null;
            }
        }

        if (replicas < nodes)
        {
            var purpose = string.Create(CultureInfo.InvariantCulture, $"StatefulSet {live.Metadata.Name} runs {nodes} pods instead of {replicas}");
            steps.Add(new ChangeStatefulSet(StatefulSetReference.Of(live), notes, purpose) { Replicas = nodes, ResourceVersion = live.Metadata.ResourceVersion, Event = "MorePods" });
        }
        else if (notes.Count > 0)
        {
            steps.Add(new ChangeStatefulSet(StatefulSetReference.Of(live), notes, $"the shard of StatefulSet {live.Metadata.Name} stays") { Event = "ShardKept" });
        }
    }

    static void AddIfDifferent<T>(List<IStep> steps, RedisCluster cluster, T desired, IReadOnlyList<T> live)
        where T : class, IKubernetesObject<T>
    {
        if (!ObjectApplier.IsApplied(desired, Find(live, desired.Metadata.Name!)))
        {
            steps.Add(new ApplyObject<T>(desired, cluster.Metadata.Uid!));
        }
    }

    /// <summary>The passwords that exist stay; only what is missing is generated, and that by the step, as a plan holds no secret.</summary>
    static void AddCredentials(List<IStep> steps, ClusterView view)
    {
        var cluster = view.Observation.Cluster;
        var live = Find(view.Observation.Objects.Secrets, ClusterNames.CredentialsSecret(cluster.Metadata.Name!));
        var operatorPassword = Credentials.Read(live, Credentials.OperatorPasswordKey);
        var replicationPassword = Credentials.Read(live, Credentials.ReplicationPasswordKey);
        if (operatorPassword is null
            || replicationPassword is null
            || !ObjectApplier.IsApplied(Credentials.BuildSecret(cluster, operatorPassword, replicationPassword), live))
        {
            steps.Add(new ApplyCredentials(cluster, view.Observation.Pods.Any(pod => !pod.NeverStarted)));
        }
    }

    static T? Find<T>(IReadOnlyList<T> objects, string name)
        where T : class, IKubernetesObject<T> => objects.FirstOrDefault(candidate => candidate.Metadata.Name == name);
}
