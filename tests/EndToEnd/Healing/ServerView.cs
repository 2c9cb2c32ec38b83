using Slotwise.EndToEnd.Clusters;
using Slotwise.Redis;

namespace Slotwise.EndToEnd.Healing;

/// <summary>One server of a cluster, as it sees itself, and what a careless administrator does to it.</summary>
sealed record ServerView(string Pod, string Address, ClusterNode Myself)
{
    public NodeId Id => Myself.Id;

    public bool IsMaster => Myself.IsMaster;

    /// <summary>All that have an address; each must answer.</summary>
    public static async Task<IReadOnlyList<ServerView>> OfAsync(TestCluster cluster)
    {
        var pods = await cluster.Kubernetes.KubectlAsync(
            "get", "pods", "-n", cluster.Namespace, "-l", cluster.Selector, "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{\"\\n\"}{end}");
        var views = new List<ServerView>();
        foreach (var pod in pods.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Where(pod => pod[1].Length > 0))
        {
            views.Add(new ServerView(pod[0], pod[1], ClusterNodesTable.Parse(await TestCluster.RedisCliAsync(pod[1], "CLUSTER", "NODES")).Myself!));
        }

        return views;
    }

    public Task<string> RunAsync(params IEnumerable<string> arguments) => TestCluster.RedisCliAsync(Address, arguments);

    public Task<string> SetSlotAsync(int slot, params IEnumerable<string> rest) => RunAsync(["CLUSTER", "SETSLOT", $"{slot}", .. rest]);

    /// <summary>Moves some keys away, and says nothing to anybody about whose they are.</summary>
    public Task MigrateAsync(ServerView to, params IEnumerable<string> keys) => RunAsync(["MIGRATE", to.Address, "6379", "", "0", "5000", "KEYS", .. keys]);
}
