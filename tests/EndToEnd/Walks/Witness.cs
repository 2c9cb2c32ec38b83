using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Walks.Laws;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Redis;

namespace Slotwise.EndToEnd.Walks;

/// <summary>Looks at the world again and again, with laws in mind.</summary>
sealed class Witness : IAsyncDisposable
{
    /// <summary>As often as the simulation does, as far as the machine allows.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    static readonly RedisConnectionOptions Options = new() { ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(2) };

    readonly IKubernetesApi _api;
    readonly TestCluster _cluster;
    readonly Journal _journal;
    readonly Wishes _wishes;
    readonly Func<TimeSpan?> _operatorUpFor;
    readonly List<WalkLaw> _laws;
    readonly List<string> _violations = [];
    readonly Dictionary<string, RedisConnection> _connections = [];
    readonly CancellationTokenSource _stop = new();
    readonly Task _watching;
    string _told = "";

    public Witness(IKubernetesApi api, TestCluster cluster, TimeSpan nodeTimeout, Journal journal, Wishes wishes, Func<TimeSpan?> operatorUpFor)
    {
        _api = api;
        _cluster = cluster;
        _journal = journal;
        _wishes = wishes;
        _operatorUpFor = operatorUpFor;
        _laws = [new SlotsHaveOwners(nodeTimeout), new OneWriter(nodeTimeout), new HonestReady(), new OneStopAtATime(), new WantedShardsStay()];
        _watching = WatchAsync();
    }

    /// <summary>How often it looked.</summary>
    public int Looks { get; private set; }

    /// <summary>Stops looking; no law may have been broken.</summary>
    public async Task AssertNothingWasBrokenAsync()
    {
        await StopAsync();
        Assert.True(_violations.Count == 0, string.Join("\n\n", _violations));
        Assert.True(Looks > 10, $"looked {Looks} times only");
    }

    /// <summary>One look at everything.</summary>
    public async Task<WorldView> LookAsync()
    {
        var at = _journal.Now;
        var options = new ListOptions { LabelSelector = _cluster.Selector };
        var pods = (await _api.ListAsync<V1Pod>(_cluster.Namespace, options, CancellationToken.None)).Items;
        var sets = (await _api.ListAsync<V1StatefulSet>(_cluster.Namespace, options, CancellationToken.None)).Items;
        var answers = await Task.WhenAll(pods.Where(pod => pod.Status?.PodIP is { Length: > 0 }).Select(TryAskAsync));

        // last, because whoever does something to an object may have been told so a moment before
        var cluster = await _api.GetAsync<RedisCluster>(_cluster.Namespace, _cluster.Name, CancellationToken.None);
        return new WorldView
        {
            At = at,
            Pods = pods,
            Sets = sets,
            Servers = [.. answers.OfType<ServerAnswer>().OrderBy(answer => answer.Pod, StringComparer.Ordinal)],
            Cluster = cluster,
            Wishes = _wishes,
            OperatorUpFor = _operatorUpFor(),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var connection in _connections.Values)
        {
            await connection.DisposeAsync();
        }

        _stop.Dispose();
    }

    async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
    }

    async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var view = await LookAsync();
            Looks++;
            Tell(view);
            foreach (var violation in _laws.SelectMany(law => law.Judge(view)))
            {
                _journal.Tell($"BROKEN: {violation}");
                if (_violations.Count < 3)
                {
                    _violations.Add($"{violation}\n{view.Describe()}");
                }
            }

            await Task.Delay(Pause, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>What the status says, wherever that changes.</summary>
    void Tell(WorldView view)
    {
        var says = string.Join("; ", view.Cluster.Status?.Conditions
            .Where(condition => condition.Type is "Ready" or "Reconciling" or "Stalled")
            .Select(condition => $"{condition.Type}={condition.Status} {condition.Reason}") ?? []);
        if (says != _told)
        {
            _told = says;
            _journal.Tell($"status: {says}: {view.Cluster.Status?.Conditions.FirstOrDefault(condition => condition.Type == "Reconciling")?.Message}");
        }
    }

    async Task<ServerAnswer?> TryAskAsync(V1Pod pod)
    {
        RedisConnection? connection;
        lock (_connections)
        {
            _connections.TryGetValue(pod.Metadata.Uid!, out connection);
        }

        try
        {
            connection ??= await RedisConnection.ConnectAsync(new RedisEndpoint(pod.Status!.PodIP!, 6379), options: Options);
            lock (_connections)
            {
                _connections[pod.Metadata.Uid!] = connection;
            }

            var nodes = await connection.ExecuteAsync(ClusterCommands.Nodes);
            var info = await connection.ExecuteAsync(ClusterCommands.Info);
            return nodes.Myself is null ? null : new ServerAnswer(pod.Metadata.Name!, nodes, info.IsOk);
        }
        catch (RedisException)
        {
            lock (_connections)
            {
                _connections.Remove(pod.Metadata.Uid!);
            }

            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            return null;
        }
    }
}
