using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Operator.Load;
using Xunit.Sdk;

namespace Slotwise.EndToEnd.Walks;

/// <summary>One walk from the first pod to the last, with an application that writes all the while.</summary>
sealed class WalkRun : IAsyncDisposable
{
    /// <summary>Shorter than by default, so that what takes several of it can be waited for.</summary>
    static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For all that the steps left to do, every pod replaced and more; on a machine that has other things to do.</summary>
    static readonly TimeSpan SettlesWithin = TimeSpan.FromSeconds(240);

    /// <summary>More than the time from one regular look at a settled cluster to the next.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(65);

    readonly Walk _walk;
    readonly RunningKubernetes _kubernetes;
    readonly TestCluster _cluster;
    readonly Journal _journal = new();
    readonly Wishes _wishes = new();
    readonly KubernetesClient _api;
    RunningProgram _operator;
    TimeSpan? _operatorStarted;
    RunningProgram? _load;
    Witness? _witness;

    public WalkRun(RunningKubernetes kubernetes, Walk walk)
    {
        _walk = walk;
        _kubernetes = kubernetes;
        _cluster = new TestCluster(kubernetes, string.Create(CultureInfo.InvariantCulture, $"walk-{walk.Seed}"), LocalKubernetesFixture.Walked) { Image = Walk.Image };
        _api = new KubernetesClient(KubernetesConfiguration.Load(kubernetes.Kubeconfig, null, TimeProvider.System), TimeProvider.System);
        _operator = StartOperator();
    }

    public async Task RunAsync(bool watchesSilence)
    {
        try
        {
            await FormAsync();
            _witness = new Witness(_api, _cluster, NodeTimeout, _journal, _wishes, () => _journal.Now - _operatorStarted);
            _load = _kubernetes.StartSlotwise("load", _cluster.Name, "--namespace", _cluster.Namespace, "--json", "--keys", "2000", "--rate", "300", "--connections", "8");
            await Task.WhenAll(WalkAsync(), KillOperatorAsync());
            await ChangeAsync(_walk.LastPatch);
            await Eventually.SeenAsync("the cluster is what was asked for last", SettlesWithin, FindShortfallAsync);
            _journal.Tell("settled");

            await _cluster.AssertWholeAsync(_walk.LastShards, replicas: 1);
            await AssertEpochsAreUniqueAsync();
            await AssertNothingIsLostAsync();
            if (watchesSilence)
            {
                await AssertSilenceAsync();
            }

            _journal.Tell($"looked {_witness.Looks} times");
            await _witness.AssertNothingWasBrokenAsync();
            TestContext.Current.TestOutputHelper?.WriteLine(_journal.ToString());
        }
        catch (Exception error)
        {
            var world = _witness is null ? "" : (await _witness.LookAsync()).Describe();
            throw new XunitException($"walk {_walk.Seed} (again: {Seeds.CommandFor(_walk.Seed)}): {error.Message}\n\n{_journal}\n\n{world}\n{_operator.Tail}\n{await _kubernetes.DescribeAsync()}", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _load?.Kill();
        if (_witness is not null)
        {
            await _witness.DisposeAsync();
        }

        _api.Dispose();
        await _cluster.DeleteAsync();
        await _cluster.WaitUntilGoneAsync();
        await _kubernetes.KubectlAsync("delete", "persistentvolumeclaims", "--all", "-n", _cluster.Namespace);
        await _operator.TerminateAsync();
    }

    RunningProgram StartOperator()
    {
        _operatorStarted = _journal.Now;
        return _kubernetes.StartOperator(_cluster.Namespace);
    }

    async Task FormAsync()
    {
        _journal.Tell($"{_walk.Shards}x1 {(_walk.HasVolumes ? "on volumes" : "in memory")}");
        _wishes.Add(_journal.Now, _walk.Shards, nodesPerShard: 2);
        await _cluster.ApplyAsync(
            _walk.Shards,
            1,
            $"config: {{cluster-node-timeout: {NodeTimeout.TotalMilliseconds:0}}}",
            _walk.HasVolumes ? "storage: {size: 1Gi, whenDeleted: Delete, whenScaled: Delete}" : "");
        await _cluster.WaitUntilReadyAsync();
        _journal.Tell("formed");
    }

    async Task WalkAsync()
    {
        foreach (var step in _walk.Steps)
        {
            await Task.Delay(step.Pause);
            var before = (await _cluster.GetAsync()).AsObject();
            if (await ChangeAsync(step.Patch) && step.TakenBackAfter is { } after)
            {
                await Task.Delay(after);
                await ChangeAsync(TakenBack.Build(JsonNode.Parse(step.Patch)!.AsObject(), before).ToJsonString());
            }
        }
    }

    async Task KillOperatorAsync()
    {
        await Task.Delay(_walk.KillAt);
        _operatorStarted = null;
        _operator.Kill();
        _journal.Tell("the operator is killed");
        await Task.Delay(_walk.DownFor);
        _operator = StartOperator();
        _journal.Tell("another operator starts");
    }

    /// <summary>Asks for a change, which may be refused.</summary>
    /// <returns>Whether it was accepted.</returns>
    async Task<bool> ChangeAsync(string patch)
    {
        var at = _journal.Now;
        var result = await _kubernetes.TryKubectlAsync("", "patch", "rediscluster", _cluster.Name, "-n", _cluster.Namespace, "--type", "merge", "-p", patch, "-o", "json");
        if (result.ExitCode != 0)
        {
            _journal.Tell($"{patch} is refused: {result.Errors.Trim()}");
            return false;
        }

        _journal.Tell($"{patch} (sent at {at.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s)");
        var spec = JsonNode.Parse(result.Output)!["spec"]!;
        _wishes.Add(at, spec["shards"]!.GetValue<int>(), 1 + spec["replicasPerShard"]!.GetValue<int>());
        return true;
    }

    /// <summary>What is not yet as it was asked for last; null when all is.</summary>
    async Task<string?> FindShortfallAsync()
    {
        var view = await _witness!.LookAsync();
        var generation = view.Cluster.Metadata.Generation;
        foreach (var (type, status) in new[] { ("Ready", "True"), ("Reconciling", "False"), ("Stalled", "False") })
        {
            var condition = view.Cluster.Status?.Conditions.FirstOrDefault(condition => condition.Type == type);
            if (condition?.Status != status || condition.ObservedGeneration != generation || view.Cluster.Status?.ObservedGeneration != generation)
            {
                return $"{type} is {condition?.Status} {condition?.Reason} of generation {condition?.ObservedGeneration} of {generation}: {condition?.Message}";
            }
        }

        var shards = Enumerable.Range(0, _walk.LastShards).Select(shard => $"{_cluster.Name}-{shard}").ToList();
        var pods = shards.SelectMany(shard => new[] { $"{shard}-0", $"{shard}-1" }).ToList();
        return Differ("StatefulSets", shards.Select(shard => $"{shard} x 2"), view.Sets.Select(set => $"{set.Metadata.Name} x {set.Spec?.Replicas}"))
            ?? Differ("pods", pods, view.Pods.Where(WorldView.IsReady).Select(pod => pod.Metadata.Name!))
            ?? Differ("pods", pods, view.Pods.Select(pod => pod.Metadata.Name!))
            ?? Differ("claims", _walk.HasVolumes ? pods.Select(pod => $"persistentvolumeclaims/data-{pod}") : [], await _cluster.ClaimsAsync());
    }

    static string? Differ(string what, IEnumerable<string> wanted, IEnumerable<string> found)
    {
        var (left, right) = (string.Join(", ", wanted.Order(StringComparer.Ordinal)), string.Join(", ", found.Order(StringComparer.Ordinal)));
        return left == right ? null : $"{what} are {right} instead of {left}";
    }

    async Task AssertEpochsAreUniqueAsync()
    {
        var owners = (await _witness!.LookAsync()).Servers.Where(server => !server.Owned.IsEmpty).ToList();
        Assert.Equal(_walk.LastShards, owners.Count);
        Assert.Equal(owners.Count, owners.Select(owner => owner.Myself.ConfigEpoch).Distinct().Count());
    }

    async Task AssertNothingIsLostAsync()
    {
        await _load!.EndAsync();
        var report = LoadJson.Read(string.Join('\n', _load.Output));
        _journal.Tell($"load:\n{LoadText.Full(report)}");
        Assert.True(report.Acknowledged > 100 && report.Checked > 100, "nobody could write");
        Assert.True(report.IsClean, "acknowledged writes are lost");

        // Without a replica a shard does not answer while its pod is replaced.
        if (_wishes.LeastSince(TimeSpan.Zero).Nodes > 1)
        {
            Assert.True(report.ErrorCount == 0, "the application noticed");
        }
    }

    async Task AssertSilenceAsync()
    {
        // What the servers did by themselves meanwhile is seen at the next look, and told: somebody has the operator look now.
        await ChangeAsync("""{"metadata":{"annotations":{"user/looks":"at it"}}}""");
        await Task.Delay(NodeTimeout);
        var before = await _cluster.VersionsAsync();
        await Task.Delay(Silence);
        Assert.Equal(before, await _cluster.VersionsAsync());
        _journal.Tell("nothing was written for a minute");
    }
}
