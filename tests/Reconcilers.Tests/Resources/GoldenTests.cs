using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Entities;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Tests.Resources;

/// <summary>
/// The desired objects, pinned letter by letter (law 11): what changes a pod template restarts every server of every user, so a change
/// here must be meant. Run with <c>UPDATE_GOLDEN=1</c> to write the files anew, then read the difference.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Cases => ["plain", "full"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Objects_are_as_they_were(string name)
    {
        var cluster = Cluster(name);
        IKubernetesObject[] objects =
        [
            Credentials.BuildSecret(cluster, "operator-password", "replication-password"),
            ConfigMaps.Build(cluster),
            Services.BuildNodes(cluster),
            Services.BuildClient(cluster),
            Policies.BuildNetworkPolicy(cluster),
            StatefulSets.Build(cluster, 1),
            .. Policies.BuildDisruptionBudget(cluster, 1) is { } budget ? (IKubernetesObject[])[budget] : [],
        ];
        var text = string.Join("---\n", objects.Select(obj => KubernetesYaml.Write(Readable(ToJson(obj)))));

        var path = GoldenPath($"{name}.yaml");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }

    [Fact]
    public void Bus_ports_are_spread_and_never_those_of_others()
    {
        var ports = Enumerable.Range(0, 1000).Select(index => ClusterPorts.Bus(new NamespacedName("shop", $"cluster-{index}"))).ToList();

        Assert.All(ports, port => Assert.InRange(port, 20000, 29999));
        Assert.InRange(ports.Distinct().Count(), 930, 1000);
        Assert.NotEqual(ClusterPorts.Bus(new NamespacedName("a", "b")), ClusterPorts.Bus(new NamespacedName("b", "b")));
    }

    static RedisCluster Cluster(string name)
    {
        var cluster = new RedisCluster
        {
            Metadata = new V1ObjectMeta { Name = "orders", NamespaceProperty = "shop", Uid = "3b241101-e2bb-4255-8caf-4136c566a962" },
            Spec = new RedisClusterSpec { Shards = 3, Image = "docker.io/library/redis:7.2" },
        };
        return name == "plain"
            ? cluster
            : cluster with
            {
                Spec = cluster.Spec with
                {
                    ReplicasPerShard = 2,
                    ImagePullPolicy = ImagePullPolicy.IfNotPresent,
                    ImagePullSecrets = [new SecretReference { Name = "registry" }],
                    Resources = new V1ResourceRequirements
                    {
                        Limits = new SortedDictionary<string, Quantity> { ["memory"] = "2Gi" },
                        Requests = new SortedDictionary<string, Quantity> { ["cpu"] = "500m", ["memory"] = "2Gi" },
                    },
                    Storage = new RedisClusterStorage { Size = "10Gi", StorageClassName = "fast" },
                    Config = new SortedDictionary<string, IntOrString> { ["maxmemory-policy"] = "allkeys-lru", ["appendfsync"] = "always", ["maxmemory-samples"] = 5 },
                    Scheduling = new RedisClusterScheduling { Zones = Spread.Required, PriorityClassName = "high" },
                },
            };
    }

    static JsonNode ToJson(IKubernetesObject obj) => obj switch
    {
        V1Secret secret => JsonSerializer.SerializeToNode(secret, V1Secret.JsonTypeInfo)!,
        V1ConfigMap map => JsonSerializer.SerializeToNode(map, V1ConfigMap.JsonTypeInfo)!,
        V1Service service => JsonSerializer.SerializeToNode(service, V1Service.JsonTypeInfo)!,
        V1NetworkPolicy policy => JsonSerializer.SerializeToNode(policy, V1NetworkPolicy.JsonTypeInfo)!,
        V1StatefulSet set => JsonSerializer.SerializeToNode(set, V1StatefulSet.JsonTypeInfo)!,
        V1PodDisruptionBudget budget => JsonSerializer.SerializeToNode(budget, V1PodDisruptionBudget.JsonTypeInfo)!,
        _ => throw new ArgumentOutOfRangeException(nameof(obj), obj.Kind, "not a kind that is built"),
    };

    /// <summary>The ACL file is worth reading, base64 is not.</summary>
    static JsonNode Readable(JsonNode json)
    {
        if (json["data"]?[Credentials.AclFileKey] is { } acl)
        {
            json["data"]![Credentials.AclFileKey] = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(acl.GetValue<string>()));
        }

        return json;
    }

    static string GoldenPath(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden", file);
}
