using System.Text.RegularExpressions;
using Slotwise.EndToEnd.Clusters;
using Slotwise.Redis;

namespace Slotwise.EndToEnd.Healing;

/// <summary>Servers with new addresses or epochs, at the wrong master, gone, empty, or of another cluster.</summary>
[Collection(HealingCollection.Name)]
public sealed partial class MemberHealingTests(LocalKubernetesFixture kubernetes, HurtClusters clusters) : EndToEndTest(kubernetes)
{
    [Fact]
    public async Task Every_pod_may_get_a_new_address_at_once()
    {
        var cluster = clusters.Lasting;
        var before = await ServerView.OfAsync(cluster.Cluster);
        await cluster.ReplacePodsAsync();
        await cluster.AssertHealsAsync("every pod got a new address");
        var after = await ServerView.OfAsync(cluster.Cluster);
        Assert.Empty(before.Select(server => server.Address).Intersect(after.Select(server => server.Address)));
        Assert.Equal(before.Select(server => (server.Pod, server.Id)), after.Select(server => (server.Pod, server.Id)));
    }

    [Fact]
    public async Task Epochs_that_collide_become_different()
    {
        var cluster = clusters.Lasting;
        await cluster.HurtAsync(async servers =>
        {
            await ScaleAsync(0);
            await EventuallyAsync("the servers have ended", async () => (await cluster.Cluster.AddressesAsync()) is { Count: > 0 } left ? $"{left.Count} run" : null);
            var volumes = await Kubernetes.KubectlAsync("get", "persistentvolumeclaims", "-n", cluster.Cluster.Namespace, "-l", cluster.Cluster.Selector, "-o", "jsonpath={.items[*].spec.volumeName}");
            foreach (var volume in volumes.Split(' '))
            {
                var file = Directory.EnumerateFiles(Path.Combine(Kubernetes.StateDirectory, "volumes", volume), "nodes.conf", SearchOption.AllDirectories).Single();
                await File.WriteAllTextAsync(file, MasterEpoch().Replace(await File.ReadAllTextAsync(file), "${1}99 ").Replace("vars currentEpoch ", "vars currentEpoch 9", StringComparison.Ordinal));
            }

            await ScaleAsync(2);
        });
        await cluster.AssertHealsAsync("all masters had one epoch");
        await EventuallyAsync("no two masters have one epoch", async () =>
        {
            var epochs = (await ServerView.OfAsync(cluster.Cluster)).Where(server => server.IsMaster).Select(server => server.Myself.ConfigEpoch).ToList();
            return epochs.Distinct().Count() == 3 ? null : string.Join(", ", epochs);
        });

        Task ScaleAsync(int replicas) => Kubernetes.KubectlAsync("scale", "statefulsets", "-n", cluster.Cluster.Namespace, "-l", cluster.Cluster.Selector, $"--replicas={replicas}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replica_at_the_wrong_master_comes_back(bool valkey)
    {
        var cluster = valkey ? clusters.Valkey : clusters.Lasting;
        await cluster.HurtAsync(async servers =>
        {
            var astray = servers.First(server => !server.IsMaster);
            await astray.RunAsync("CLUSTER", "REPLICATE", $"{servers.First(server => server.IsMaster && server.Id != astray.Myself.MasterId).Id}");
        });
        await cluster.AssertHealsAsync("a replica followed the wrong master");
    }

    [Fact]
    public async Task The_id_of_a_replica_that_is_gone_is_forgotten()
    {
        var cluster = clusters.Valkey;
        var replica = (await ServerView.OfAsync(cluster.Cluster)).First(server => !server.IsMaster);
        await cluster.ReplacePodsAsync(replica.Pod);
        await cluster.AssertHealsAsync("a replica was replaced by a new one");
        Assert.DoesNotContain(await ServerView.OfAsync(cluster.Cluster), server => server.Id == replica.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_master_that_comes_back_empty_takes_no_replica_along(bool valkey)
    {
        var cluster = valkey ? clusters.Valkey : clusters.Fleeting;
        var master = HurtCluster.Find(await ServerView.OfAsync(cluster.Cluster), "tag10").Owner;
        await Kubernetes.LocalkubeAsync("kill", master.Pod, "-n", cluster.Cluster.Namespace);
        await cluster.AssertHealsAsync("a master lost its memory");
    }

    [Fact]
    public async Task A_server_of_another_cluster_at_an_address_of_ours_does_not_get_in()
    {
        var (cluster, neighbour) = (clusters.Lasting.Cluster, clusters.Fleeting.Cluster);
        var lost = (await ServerView.OfAsync(cluster)).First(server => !server.IsMaster);
        var heir = (await ServerView.OfAsync(neighbour)).First(server => !server.IsMaster);
        await Kubernetes.LocalkubeAsync("address", heir.Pod, lost.Address, "-n", neighbour.Namespace);
        await clusters.Lasting.HurtAsync(async _ =>
        {
            // nobody tells the others that the address is another one's now
            await clusters.Lasting.ReplacePodsAsync(lost.Pod);
            await clusters.Fleeting.ReplacePodsAsync(heir.Pod);
            await EventuallyAsync($"{heir.Pod} has the address that {lost.Pod} had", async () =>
                await Kubernetes.KubectlAsync("get", "pod", heir.Pod, "-n", neighbour.Namespace, "-o", "jsonpath={.status.podIP}", "--ignore-not-found") is var now && now == lost.Address ? null : now);
        });
        await clusters.Lasting.AssertHealsAsync("a server of another cluster got an address of its own");
        await clusters.Fleeting.AssertHealsAsync("one of its servers got an address of another cluster");
    }

    [Fact]
    public async Task An_intruder_that_was_forced_in_is_put_out()
    {
        var cluster = clusters.Lasting;
        var port = (await ServerView.OfAsync(cluster.Cluster))[0].Myself.BusPort;
        await Kubernetes.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: stranger, namespace: {{cluster.Cluster.Namespace}}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: redis
                image: redis:7.0
                command:
                - sh
                - -c
                - |
                  run=/run/slotwise/11111111-2222-3333-4444-555555555555/99999999-8888-7777-6666-555555555555
                  mkdir -p $run
                  printf 'cluster-enabled yes\ncluster-port {{port}}\nprotected-mode no\nsave ""\n' > $run/redis.conf
                  exec redis-server $run/redis.conf
            """);
        try
        {
            var address = "";
            await EventuallyAsync("the stranger answers", async () =>
            {
                address = await Kubernetes.KubectlAsync("get", "pod", "stranger", "-n", cluster.Cluster.Namespace, "-o", "jsonpath={.status.podIP}");
                return address.Length > 0 && (await Machine.Command.RunAsync("redis-cli", ["-h", address, "PING"])).Output.StartsWith("PONG", StringComparison.Ordinal) ? null : "it does not";
            });
            var stranger = ClusterNodesTable.Parse(await TestCluster.RedisCliAsync(address, "CLUSTER", "NODES")).Myself!.Id;
            await cluster.HurtAsync(async servers =>
            {
                await servers[0].RunAsync("CLUSTER", "MEET", address, "6379", $"{port}");
                foreach (var server in servers)
                {
                    await EventuallyAsync($"{server.Pod} knows the stranger", async () =>
                        (await server.RunAsync("CLUSTER", "NODES")).Contains($"{stranger}", StringComparison.Ordinal) ? null : "it does not");
                }
            });
            await cluster.AssertHealsAsync("an intruder was let in");
            await cluster.AssertToldAsync("got into the gossip of this cluster");
        }
        finally
        {
            await Kubernetes.KubectlAsync("delete", "pod", "stranger", "-n", cluster.Cluster.Namespace);
        }
    }

    /// <summary>The line of a master in nodes.conf up to its epoch.</summary>
    [GeneratedRegex(@"(?m)^([0-9a-f]{40} \S+ \S*master\S* - \d+ \d+ )\d+ ")]
    private static partial Regex MasterEpoch();
}
