using System.Globalization;
using Slotwise.EndToEnd.Clusters;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Operator.Load;
using Slotwise.Redis;
using Xunit.Sdk;

namespace Slotwise.Scenarios.Suite;

/// <summary>One case from the first pod to the last: a cluster, an application that writes to it, what happens, and the verdict.</summary>
sealed class ScenarioRun : IAsyncDisposable
{
    /// <summary>Shorter than by default, so that the servers' own elections and all that waits for them can be awaited.</summary>
    public static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(5);

    static readonly TimeSpan FormsWithin = TimeSpan.FromSeconds(120);
    static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(120);

    /// <summary>An operator that is killed goes on being killed so long after the last of what happens; then it may finish.</summary>
    static readonly TimeSpan KilledFor = TimeSpan.FromSeconds(10);

    static readonly TimeSpan Writes = TimeSpan.FromSeconds(2.5);
    static readonly TimeSpan WritesAfterwards = TimeSpan.FromSeconds(1);
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    readonly Lane _lane;
    readonly ScenarioCase _case;
    readonly Suspects _suspects = new();
    readonly List<TestCluster> _clusters = [];
    RunningLedger? _ledger;

    public ScenarioRun(Lane lane, ScenarioCase what)
    {
        _lane = lane;
        _case = what;
        Faults = new Faults(lane, _suspects);
        Cluster = NewCluster();
    }

    public TestCluster Cluster { get; }

    public Shape Shape => _case.Shape;

    public Faults Faults { get; }

    public RunningKubernetes Kubernetes => _lane.Kubernetes;

    public RunningLedger Ledger => _ledger ?? throw new InvalidOperationException("nobody writes yet");

    public async Task RunAsync()
    {
        try
        {
            await FormAsync(Cluster);
            _ledger = await RunningLedger.StartAsync(token => SeedsAsync(Cluster, token), Shape.Shards);
            await Task.Delay(Writes);
            using var letLive = new CancellationTokenSource();
            var killing = _case.IsOperatorKilled ? _lane.Operator.KillAgainAndAgainAsync(letLive.Token) : Task.FromResult(0);
            TimeSpan healed;
            try
            {
                await _case.Scenario.ActAsync(this);
                letLive.CancelAfter(KilledFor);
                var start = TimeProvider.System.GetTimestamp();
                await AssertHealsAsync(Cluster);
                healed = TimeProvider.System.GetElapsedTime(start);
            }
            finally
            {
                await letLive.CancelAsync();
                await killing;
            }

            await Task.Delay(WritesAfterwards);
            var report = await Ledger.StopAsync();
            Judge(report);
            Tell(report, string.Create(CultureInfo.InvariantCulture, $"{healed.TotalSeconds:0.0} s"));
        }
        catch (Exception error)
        {
            Tell(_ledger?.Report, $"FAILED: {error.Message.Split('\n')[0]}");
            throw new XunitException($"{_case}\n{error.Message}\n{await DescribeAsync()}", error);
        }
    }

    /// <summary>The cluster's pods whose servers answer, by name.</summary>
    public Task<IReadOnlyList<Member>> MembersAsync() => MembersAsync(Cluster);

    public async Task<IReadOnlyList<Member>> MembersAsync(TestCluster cluster) =>
        [.. (await Task.WhenAll((await PodsAsync(cluster, CancellationToken.None)).Select(Member.TryAskAsync))).OfType<Member>().OrderBy(member => member.Pod, StringComparer.Ordinal)];

    public async Task<IReadOnlyList<Member>> MastersAsync() => [.. (await MembersAsync()).Where(member => member.IsMaster)];

    public async Task<Member> MasterAsync(int shard = 0) => (await MembersAsync()).First(member => member.IsMaster && member.Shard == shard);

    public async Task<Member> ReplicaAsync(int shard = 0) => (await MembersAsync()).First(member => !member.IsMaster && member.Shard == shard);

    /// <summary>From now on these may lose what they acknowledge, until they cannot take writes any more.</summary>
    public IDisposable Suspect(IEnumerable<Member> members) => _suspects.Add(members);

    /// <summary>Waits until a cluster says that it is Ready, is it, and everybody agrees.</summary>
    public async Task AssertHealsAsync(TestCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var start = TimeProvider.System.GetTimestamp();
        while (await FindTroubleAsync(cluster) is { } trouble)
        {
            if (TimeProvider.System.GetElapsedTime(start) > _case.Scenario.HealsWithin)
            {
                Assert.Fail($"not Ready and whole within {_case.Scenario.HealsWithin.TotalSeconds} s: {trouble}");
            }

            await Task.Delay(BetweenLooks);
        }
    }

    /// <summary>Waits for what servers or Kubernetes do.</summary>
    public static Task EventuallyAsync(string what, TimeSpan within, Func<Task<string?>> look) => Eventually.SeenAsync(what, within, look);

    /// <summary>Waits until every pod of the cluster is another one than before.</summary>
    public Task AssertAllReplacedAsync(IReadOnlyList<Member> before, TimeSpan within) => EventuallyAsync("every pod is a new one", within, async () =>
    {
        var old = (await PodsAsync(Cluster, CancellationToken.None)).Where(pod => before.Any(member => member.Uid == pod.Metadata.Uid)).Select(pod => pod.Metadata.Name).ToList();
        return old.Count == 0 ? null : $"{string.Join(", ", old)} are not; {string.Join("; ", (await Cluster.ConditionsAsync()).Values)}";
    });

    /// <summary>Makes another cluster in the same shape, and waits until it is Ready.</summary>
    public async Task<TestCluster> FormAnotherAsync()
    {
        var other = NewCluster();
        await FormAsync(other);
        return other;
    }

    public async ValueTask DisposeAsync()
    {
        if (_ledger is { } ledger)
        {
            await ledger.DisposeAsync();
        }

        await Faults.DisposeAsync();
        await Task.WhenAll(_clusters.Select(async cluster =>
        {
            await Kubernetes.TryKubectlAsync("", "delete", "rediscluster", cluster.Name, "--ignore-not-found");
            await EventuallyAsync($"the pods of {cluster.Name} are gone", GoneWithin, async () =>
            {
                var left = await PodsAsync(cluster, CancellationToken.None);
                return left.Count == 0 ? null : string.Join(", ", left.Select(pod => pod.Metadata.Name));
            });
        }));
    }

    TestCluster NewCluster()
    {
        var cluster = new TestCluster(_lane.Kubernetes, Lane.NextName()) { Image = _case.Scenario.Image };
        _clusters.Add(cluster);
        return cluster;
    }

    async Task FormAsync(TestCluster cluster)
    {
        var storage = _case.Storage switch
        {
            Storage.Memory => "",
            Storage.Volume => "storage: {size: 1Gi, whenDeleted: Delete}",
            _ => "storage: {size: 48Mi, storageClassName: sized, whenDeleted: Delete}",
        };
        await cluster.ApplyAsync(
            Shape.Shards, Shape.Replicas, $"config: {{cluster-node-timeout: {NodeTimeout.TotalMilliseconds:0}}}", "recovery: {lostSlots: Reassign}", storage);
        await EventuallyAsync($"{cluster.Name} is Ready and whole", FormsWithin, () => FindTroubleAsync(cluster));
    }

    /// <summary>Why a cluster is not Ready and whole; null if it is.</summary>
    async Task<string?> FindTroubleAsync(TestCluster cluster)
    {
        var resource = await _lane.Api.GetAsync<RedisCluster>(RunningKubernetes.Default, cluster.Name, CancellationToken.None);
        var ready = resource.Status?.Conditions.FirstOrDefault(condition => condition.Type == "Ready");
        if (ready is not { Status: "True" } || ready.ObservedGeneration != resource.Metadata.Generation)
        {
            return $"Ready is {ready?.Status ?? "not there"}: {ready?.Reason}: {ready?.Message}";
        }

        var pods = await PodsAsync(cluster, CancellationToken.None);
        if (pods.Count != Shape.Pods || pods.FirstOrDefault(pod => !IsReady(pod)) is not null)
        {
            return $"of {pods.Count} pods are ready: {string.Join(", ", pods.Where(IsReady).Select(pod => pod.Metadata.Name))}";
        }

        try
        {
            await cluster.AssertWholeAsync(Shape.Shards, Shape.Replicas);
            return null;
        }
        catch (XunitException instead)
        {
            return instead.Message;
        }
    }

    static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    async Task<IReadOnlyList<V1Pod>> PodsAsync(TestCluster cluster, CancellationToken cancellationToken) =>
        (await _lane.Api.ListAsync<V1Pod>(RunningKubernetes.Default, new ListOptions { LabelSelector = cluster.Selector }, cancellationToken)).Items;

    async Task<IReadOnlyList<RedisEndpoint>> SeedsAsync(TestCluster cluster, CancellationToken cancellationToken) =>
        [.. (await PodsAsync(cluster, cancellationToken)).Select(pod => pod.Status?.PodIP).Where(address => !string.IsNullOrEmpty(address)).Select(address => new RedisEndpoint(address!, 6379))];

    void Judge(LedgerReport report)
    {
        var all = LoadText.Full(report);
        Assert.True(report.Acknowledged > 100 && report.Checked > 100, $"nobody could write\n{all}");
        Assert.True(report is { Wrong: 0, Unchecked: 0 }, $"values are wrong or cannot be read\n{all}");
        switch (_case.Scenario.Promise)
        {
            case Promise.Unnoticed:
                Assert.True(report is { Lost: 0, ErrorCount: 0, Uncertain: 0, Late: 0 }, $"an application noticed\n{all}");
                break;
            case Promise.NothingLost:
                Assert.True(report is { Lost: 0, Late: 0 }, $"writes are lost\n{all}");
                break;
            case Promise.OnlyUnreplicated:
                Assert.True(_suspects.FindBrokenPromise(report) is null, $"{_suspects.FindBrokenPromise(report)}\n{all}");
                break;
            case Promise.Serves:
                break;
            default:
                throw new InvalidOperationException($"{_case.Scenario.Promise}");
        }
    }

    /// <summary>One line: what happened, how long writes waited (of the shards, the middle one and the worst), what was lost, and when all was well.</summary>
    void Tell(LedgerReport? report, string outcome)
    {
        var gaps = (report?.LongestGapMilliseconds.Values ?? []).Order().DefaultIfEmpty(0).ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{_case} | {gaps[gaps.Count / 2] / 1000:0.00} / {gaps[^1] / 1000:0.00} s | {report?.Lost ?? 0} | {outcome}"));
    }

    async Task<string> DescribeAsync()
    {
        var views = new List<string>();
        foreach (var pod in await PodsAsync(Cluster, CancellationToken.None))
        {
            var nodes = pod.Status?.PodIP is { Length: > 0 } address
                ? (await EndToEnd.Machine.Command.RunAsync("timeout", ["3", "redis-cli", "-h", address, "CLUSTER", "NODES"])).Output : "no address";
            views.Add($"{pod.Metadata.Name} says\n{nodes}");
        }

        return $"{string.Concat(views)}\n{string.Join('\n', (await Cluster.ConditionsAsync()).Values)}\n{_lane.Operator.Tail}\n{await Kubernetes.DescribeAsync()}";
    }
}
