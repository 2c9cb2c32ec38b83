using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;
using Slotwise.Operator.Load;
using Xunit.Sdk;

namespace Slotwise.EndToEnd.Availability;

/// <summary>A cluster of which something fails while an application writes to it.</summary>
sealed class FailingCluster(TestCluster cluster, int shards) : IAsyncDisposable
{
    const int Replicas = 1;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    RunningProgram? _load;

    public TestCluster Cluster { get; } = cluster;

    /// <summary>Makes it, waits until it is Ready, and begins to write.</summary>
    public static async Task<FailingCluster> CreateAsync(RunningKubernetes kubernetes, string name, int shards, bool hasVolumes = false, bool isWrittenTo = true)
    {
        var failing = new FailingCluster(new TestCluster(kubernetes, name), shards);
        await failing.Cluster.ApplyAsync(shards, Replicas, hasVolumes ? ["storage: {size: 1Gi, whenDeleted: Delete}"] : []);
        await failing.Cluster.WaitUntilReadyAsync();
        if (isWrittenTo)
        {
            failing._load = kubernetes.StartSlotwise("load", name, "--namespace", failing.Cluster.Namespace, "--json", "--keys", "2000", "--rate", "500", "--connections", "8");
            await Task.Delay(TimeSpan.FromSeconds(3));
        }

        return failing;
    }

    /// <summary>The pods that are masters with slots, by shard, each with its host.</summary>
    public async Task<IReadOnlyList<(string Pod, string Host, string Address)>> MastersAsync()
    {
        var masters = new List<(string Pod, string Host, string Address)>();
        foreach (var pod in await PodsAsync())
        {
            var address = pod["status"]?["podIP"]?.GetValue<string>() ?? "";
            var nodes = address.Length == 0 ? null : await Command.RunAsync("timeout", ["2", "redis-cli", "-h", address, "CLUSTER", "NODES"]);
            if (nodes?.Output.Split('\n').FirstOrDefault(line => line.Contains("myself,master", StringComparison.Ordinal)) is { } line && line.Split(' ').Length > 8)
            {
                masters.Add((pod["metadata"]!["name"]!.GetValue<string>(), pod["spec"]!["nodeName"]!.GetValue<string>(), address));
            }
        }

        return masters;
    }

    public async Task<IReadOnlyList<JsonNode>> PodsAsync() =>
        [.. JsonNode.Parse(await Cluster.Kubernetes.KubectlAsync("get", "pods", "-n", Cluster.Namespace, "-l", Cluster.Selector, "-o", "json"))!["items"]!.AsArray().OfType<JsonNode>()];

    /// <summary>Waits until every server agrees that all is well and Kubernetes says so too.</summary>
    public async Task AssertHealsAsync(string after)
    {
        await Eventually.SeenAsync($"{Cluster.Name} is whole after {after}", Patience, async () =>
        {
            // redis-cli waits for minutes for an address where nobody is any more, as that of a pod that is about to be replaced.
            foreach (var address in await Cluster.AddressesAsync())
            {
                if (await Command.RunAsync("timeout", ["2", "redis-cli", "-h", address, "PING"]) is { ExitCode: not 0 })
                {
                    return $"{address} does not answer";
                }
            }

            try
            {
                await Cluster.AssertWholeAsync(shards, Replicas);
                return null;
            }
            catch (XunitException instead)
            {
                return $"{string.Join('\n', (await Cluster.ConditionsAsync()).Values)}\n{instead.Message}";
            }
        });
        await Cluster.WaitUntilReadyAsync();
    }

    /// <summary>Stops writing and reads everything back; says what was seen.</summary>
    public async Task<LedgerReport> StopAsync(string what)
    {
        await _load!.EndAsync();
        var report = LoadJson.Read(string.Join('\n', _load.Output));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: longest gap {string.Join(", ", report.LongestGapMilliseconds.Select(gap => $"{gap.Value / 1000.0:0.00} s"))}, {report.Acknowledged} acknowledged, {report.Lost} lost, {report.Wrong} wrong, {report.ErrorCount} errors"));
        Assert.True(report.Acknowledged > 100, LoadText.Full(report));
        Assert.True(report.Wrong == 0, LoadText.Full(report));
        return report;
    }

    public Task WaitForConditionAsync(string type, string text) => Eventually.SeenAsync($"{Cluster.Name} says {text}", Patience, async () =>
    {
        var conditions = await Cluster.ConditionsAsync();
        return conditions.GetValueOrDefault(type)?.Message.Contains(text, StringComparison.Ordinal) == true ? null : string.Join('\n', conditions.Values);
    });

    public async ValueTask DisposeAsync()
    {
        _load?.Kill();
        await Cluster.DeleteAsync();
        await Cluster.WaitUntilGoneAsync();
    }
}
