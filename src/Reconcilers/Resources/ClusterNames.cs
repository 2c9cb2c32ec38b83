using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The names of everything that a RedisCluster becomes. They are derived and never stored, so that a pass needs no memory to find its objects.</summary>
public static class ClusterNames
{
    /// <summary>The container of every pod that runs the server.</summary>
    public const string RedisContainer = "redis";

    /// <summary>The claim template, hence claims are named <c>data-POD</c>.</summary>
    public const string DataVolume = "data";

    /// <summary>The Service that clients connect to: any node that is ready.</summary>
    public static string ClientService(string cluster) => cluster;

    /// <summary>The headless Service that gives every pod its stable name, ready or not.</summary>
    public static string NodesService(string cluster) => $"{cluster}-nodes";

    public static string ConfigMap(string cluster) => $"{cluster}-config";

    /// <summary>The Secret with the generated passwords and the ACL file made of them.</summary>
    public static string CredentialsSecret(string cluster) => $"{cluster}-credentials";

    public static string NetworkPolicy(string cluster) => $"{cluster}-bus";

    /// <summary>The StatefulSet of a shard, and its PodDisruptionBudget.</summary>
    public static string Shard(string cluster, int index) => $"{cluster}-{index}";

    public static string Pod(string cluster, int shard, int ordinal) => $"{cluster}-{shard}-{ordinal}";

    public static string Claim(string cluster, int shard, int ordinal) => $"{ClaimPrefix(cluster, shard)}{ordinal}";

    /// <summary>What the names of all claims of a shard begin with; an ordinal follows.</summary>
    public static string ClaimPrefix(string cluster, int shard) => $"{DataVolume}-{Shard(cluster, shard)}-";

    /// <summary>The name by which other pods find a pod across restarts; it ends in <c>.svc</c>, so the search list of a pod adds the cluster's domain.</summary>
    public static string StableHost(NamespacedName cluster, string pod) => $"{pod}.{NodesService(cluster.Name)}.{cluster.Namespace}.svc";
}
