using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Runs;

/// <summary>What is true, for the laws: read from the models themselves.</summary>
public sealed partial class RunWorld
{
    /// <summary>A wish, a lag and a pass take at most this long together, unless a fault makes it longer.</summary>
    static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(15);

    readonly List<(TimeSpan At, int Shards, int NodesPerShard)> _wishes = [];
    IReadOnlyList<ServerProcess> _running = [];
    List<ServerProcess> _servers = [];
    string? _serversOf;

    /// <summary>The cluster that is looked at.</summary>
    public static NamespacedName Key { get; } = new("default", "orders");

    /// <summary>The other one.</summary>
    public static NamespacedName Neighbour { get; } = new("default", "billing");

    /// <summary>What the user wants now; null while there is no resource, or it is being deleted.</summary>
    public RedisCluster? Cluster => Kubernetes.Caches.Clusters.Get(Key) is { Metadata.DeletionTimestamp: null } cluster ? cluster : null;

    /// <summary>Whether the user deleted it and has not made it again.</summary>
    public bool IsDeleted => Cluster is null;

    /// <summary>The servers of the cluster that run.</summary>
    public IReadOnlyList<ServerProcess> Servers
    {
        get
        {
            // Asked for at every step, and seldom another answer.
            var uid = Cluster?.Metadata.Uid;
            if (Redis.Running != _running || _serversOf != uid)
            {
                _running = Redis.Running;
                _serversOf = uid;
                _servers = [.. _running.Where(server => ClusterOf(server) == uid)];
            }

            return _servers;
        }
    }

    /// <summary>Those of the other cluster, too.</summary>
    public IReadOnlyList<ServerProcess> AllServers => Redis.Running;

    /// <summary>Addresses of pods that are ready, as the Service of the cluster has them.</summary>
    public IReadOnlyList<string> ServiceAddresses =>
    [
        .. Kubernetes.Caches.Pods.List()
            .Where(pod => pod.Metadata.Name!.StartsWith(Key.Name + "-", StringComparison.Ordinal) && pod.Status?.PodIP is not null && IsReady(pod))
            .Select(pod => pod.Status!.PodIP!),
    ];

    public int MaxParallelShards => Cluster?.Spec.Update.MaxParallelShards ?? 1;

    /// <summary>Whether the status that is stored says Ready.</summary>
    public bool IsStoredReady => ConditionOf("Ready") is { Status: "True" };

    /// <summary>The least number of pods of a shard that was wanted in the last time.</summary>
    public int LeastPodsWantedForLong => RecentWishes().Select(wish => wish.NodesPerShard).DefaultIfEmpty(0).Min();

    /// <summary>The uid of the cluster that a server belongs to.</summary>
    public static string ClusterOf(ServerProcess server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var path = server.Setup.ConfigFile.AsSpan(RedisConfig.RunDirectory.Length + 1);
        return path[..path.IndexOf('/')].ToString();
    }

    /// <summary>The index of a server's shard.</summary>
    public static int ShardOf(ServerProcess server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return int.Parse(server.Name.Split('-')[^2], CultureInfo.InvariantCulture);
    }

    public static bool IsOperator(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.StartsWith("operator-", StringComparison.Ordinal);
    }

    public static bool IsMine(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return write.Namespace == Key.Namespace && write.ObjectName == Key.Name;
    }

    public static bool IsMine(ClusterObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        return observation.Key == Key;
    }

    /// <summary>The place of a pod of the cluster; null for another one's.</summary>
    public static (int Shard, int Ordinal)? PlaceOf(string pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Split('-') is [var name, var shard, var ordinal] && name == Key.Name
            ? (int.Parse(shard, CultureInfo.InvariantCulture), int.Parse(ordinal, CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>The shard whose StatefulSet is written to; null where it is another cluster's.</summary>
    public static int? ShardOfSet(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return write.ObjectName.Split('-') is [var name, var shard] && name == Key.Name ? int.Parse(shard, CultureInfo.InvariantCulture) : null;
    }

    public V1Condition? ConditionOf(string type) => Cluster?.Status?.Conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>The server that runs in a pod; not one that an earlier pod of the name left behind on a host that nobody reaches.</summary>
    public ServerProcess? ServerOf(string pod) => Servers.FirstOrDefault(server => server.Name == pod && HasPod(server));

    /// <summary>Whether the resource asks for the pod of a place.</summary>
    public bool IsWanted((int Shard, int Ordinal) place) => Cluster is { } cluster && place.Shard < cluster.Spec.Shards && place.Ordinal < cluster.Spec.NodesPerShard;

    /// <summary>Whether the shard was wanted in all the last time.</summary>
    public bool IsShardWantedForLong(int shard) => ApiHasBeenCalm && RecentWishes().Select(wish => wish.Shards).DefaultIfEmpty(0).Min() > shard;

    /// <summary>Whether a node belongs to the other cluster.</summary>
    public bool IsForeign(NodeId id) => AllServers.Any(server => server.Cluster.Myself.Id == id && ClusterOf(server) != Cluster?.Metadata.Uid);

    /// <summary>nodes.conf of a node on a volume; null where none has it.</summary>
    public NodesFile? NodesFileOf(NodeId id) => Kubernetes.Disks.All.Select(disk => NodesFile.Read(disk.Volume)).FirstOrDefault(file => file?.MyId == id);

    /// <summary>Whether a version of a key, or a later one, is anywhere; or, without one volume, anywhere else than there and in the process that writes to it.</summary>
    internal bool HasCopy(LedgerEntry entry, long version, Volume? without = null)
    {
        foreach (var server in AllServers)
        {
            if (server.Setup.Volume != without && VersionedValue.Read(server.Data.Keys, entry) >= version)
            {
                return true;
            }
        }

        return Kubernetes.Disks.All.Any(disk => disk.Volume != without && AppendOnlyFile.Read(disk.Volume) is { } file && VersionedValue.Read(file.Keys, entry) >= version);
    }

    /// <summary>When the newest pass began that planned before a time; null if there was none.</summary>
    public TimeSpan? LastPassBefore(TimeSpan time) => _passes.Count > 0 && _passes.FindLast(pass => pass < time) is var pass && pass > TimeSpan.Zero ? pass : null;

    static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>What was wanted at any time of the last seconds.</summary>
    IEnumerable<(TimeSpan At, int Shards, int NodesPerShard)> RecentWishes()
    {
        for (var index = _wishes.Count - 1; index >= 0; index--)
        {
            yield return _wishes[index];
            if (Simulator.Now - _wishes[index].At > LongEnough)
            {
                yield break;
            }
        }
    }

    void NoteWish()
    {
        var (shards, nodes) = Cluster is { } cluster ? (cluster.Spec.Shards, cluster.Spec.NodesPerShard) : (0, 0);
        if (_wishes.Count == 0 || (_wishes[^1].Shards, _wishes[^1].NodesPerShard) != (shards, nodes))
        {
            _wishes.Add((Simulator.Now, shards, nodes));
        }
    }
}
