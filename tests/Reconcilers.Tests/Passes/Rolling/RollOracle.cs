using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Rolling;

/// <summary>Laws 2 and 3, looked at in the world itself whenever the operator ends a pod, whatever its plan said.</summary>
sealed class RollOracle
{
    readonly ClusterWorld _world;
    readonly int _maxShards;

    RollOracle(ClusterWorld world, int maxShards)
    {
        _world = world;
        _maxShards = maxShards;
    }

    /// <summary>The pods that the operator ended, in order.</summary>
    public List<string> Ended { get; } = [];

    /// <summary>How many shards were disturbed at most.</summary>
    public int MostDisturbed { get; private set; }

    public static RollOracle Watch(ClusterWorld world, int maxShards = 1)
    {
        var oracle = new RollOracle(world, maxShards);
        world.Api.BeforePodDeletion = oracle.Judge;
        return oracle;
    }

    void Judge(string name)
    {
        Ended.Add(name);
        var pod = _world.Pod(name);
        if (_world.Redis.Find(pod.Status?.PodIP ?? "") is { MasterId: null, Slots.IsEmpty: false } master)
        {
            Assert.DoesNotContain(_world.Redis.Servers, replica => replica.MasterId == master.Id && replica.IsLinkUp);
        }

        var disturbed = _world.Caches.StatefulSets.List().Where(set => set.Metadata.Name == SetOf(name) || IsDisturbed(set)).ToList();
        MostDisturbed = Math.Max(MostDisturbed, disturbed.Count);
        Assert.True(disturbed.Count <= _maxShards, $"{name} ends while {string.Join(", ", disturbed.Select(set => set.Metadata.Name))} are disturbed");
    }

    bool IsDisturbed(V1StatefulSet set)
    {
        var pods = _world.Caches.Pods.List().Where(pod => SetOf(pod.Metadata.Name!) == set.Metadata.Name).ToList();
        var servers = pods.Where(pod => pod.Metadata.DeletionTimestamp is null).Select(pod => _world.Redis.Find(pod.Status?.PodIP ?? "")).ToList();
        return servers.Count < set.Spec!.Replicas || servers.Exists(server => server is null or { MasterId: not null, IsLinkUp: false });
    }

    static string SetOf(string pod) => pod[..pod.LastIndexOf('-')];
}
