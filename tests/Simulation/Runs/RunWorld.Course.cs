using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Simulation.Runs;

/// <summary>The course of a run: everything begins, incidents happen, they are over, and the operator has its time to put right what is left.</summary>
public sealed partial class RunWorld
{
    const int ClientCount = 2;

    /// <summary>The pace of Kubernetes while a cluster forms and nothing is to happen to it.</summary>
    const double Hurried = 0.05;

    /// <summary>Longer than all bounded waits of operator and servers together: elections that must not come too soon, restarts that are put off, hosts that come back.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    /// <summary>More than the time from one regular look at a settled cluster to the next.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(70);

    /// <summary>For a pass, and whatever follows from it; where operators elect a leader, one may have to wait for the lease of another first.</summary>
    static readonly TimeSpan Quietening = TimeSpan.FromSeconds(5);

    static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    bool _isOver;
    bool _isSilenceDue;

    public Outcome Outcome { get; } = new();

    /// <summary>When the last incident was over.</summary>
    public TimeSpan CalmAt { get; private set; }

    /// <summary>From the beginning to the end.</summary>
    public void Run() => Simulator.Run(async () =>
    {
        var course = FollowCourseAsync();
        await await Task.WhenAny(course, _stopped.Task);
        _isOver = true;
    });

    async Task FollowCourseAsync()
    {
        Kubernetes.Caches.Clusters.AddHandler((_, _) => NoteWish());
        if (!Scenario.IsFormingDisturbed)
        {
            Kubernetes.Pace = Hurried;
            Simulator.After(Scenario.Forming, () => Kubernetes.Pace = 1);
        }

        Kubernetes.Start();
        _operator.Start();
        await Kubernetes.User.CreateAsync(NewCluster(Key, Scenario.Shape.Shards, Scenario.Shape.Replicas), CancellationToken.None);
        _original = JsonSerializer.SerializeToNode(Cluster!, RedisCluster.JsonTypeInfo)!["spec"]!.ToJsonString();
        if (Scenario.Shape.HasNeighbour)
        {
            await Kubernetes.User.CreateAsync(NewCluster(Neighbour, 1, 0), CancellationToken.None);
        }

        Tick();
        StartClients();
        foreach (var (at, what) in Scenario.Incidents)
        {
            Simulator.After(at, () =>
            {
                Simulator.Trace.Add("fault", what.ToString());
                what.Happen(this);
            });
        }

        await PassAsync((Scenario.CalmAt > Scenario.Forming ? Scenario.CalmAt : Scenario.Forming) + TimeSpan.FromMilliseconds(1));
        CalmDown();
        await SettleAsync();
        await BeSilentAsync();
        ForEachLaw(law => law.AtEnd());
    }

    void StartClients()
    {
        var keys = Enumerable.Range(0, Scenario.Shape.Keys).Select(KeyName).ToList();
        for (var number = 0; number < ClientCount; number++)
        {
            var mine = keys.Where((_, index) => index % ClientCount == number).ToList();
            if (mine.Count > 0)
            {
                var client = new LoadClient(this, number, mine);
                _clients.Add(client);
                _ = client.RunAsync(() => _isOver);
            }
        }
    }

    void Tick()
    {
        if (_isOver)
        {
            return;
        }

        WatchElections();
        ForEachLaw(law => law.Tick());
        Simulator.After(LookInterval, Tick);
    }

    /// <summary>Whatever incidents left behind is undone. A resource that is paused goes on, as nothing else would ever happen.</summary>
    void CalmDown()
    {
        Simulator.Trace.Add("fault", "all faults are over");
        CalmAt = Simulator.Now;
        Network.MendAll();
        CalmNetwork();
        _requestFailures.Clear();
        Kubernetes.Api.EndLags();
        Kubernetes.Api.Repeats = 0;
        foreach (var host in Kubernetes.Hosts)
        {
            host.TurnOn();
        }

        _operator.Start();
        if (Cluster is { Spec.Paused: true })
        {
            PatchResource("""{"spec":{"paused":false}}""");
        }
    }

    async Task SettleAsync()
    {
        var end = Simulator.Now + Patience;
        while (Simulator.Now < end)
        {
            await PassAsync(LookAgain);
            if (IsAtRest())
            {
                var woken = Simulator.Now;
                Outcome.Waited = woken - CalmAt;

                // What the servers did by themselves meanwhile is seen at the next look, and told: somebody has the operator look now.
                PatchResource(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["user/looked-at"] = woken.ToString("c", CultureInfo.InvariantCulture) } } }.ToJsonString());
                await PassAsync(_operators.ElectsLeaders ? Silence : Quietening);
                if (IsAtRest() && HasLookedSince(woken))
                {
                    return;
                }
            }
        }

        Outcome.Waited = Simulator.Now - CalmAt;
    }

    /// <summary>A request that nobody answers keeps the operator from looking for half a minute. Of a cluster that is deleted there is nothing to be seen.</summary>
    bool HasLookedSince(TimeSpan woken)
    {
        var hasLooked = Cluster is null || (_passes.Count > 0 && _passes[^1] >= woken);

        // A pass over which keys move takes many seconds: what it told before may be settled by it.
        var isAtWork = Cluster is not null && Simulator.Now - _workedAt < Quietening;
        Outcome.Shortfall = !hasLooked ? "the operator does not look at it any more" : isAtWork ? "the operator does not come to an end" : null;
        return Outcome.Shortfall is null;
    }

    bool IsAtRest()
    {
        Outcome.Shortfall = IsDone(out var shortfall) ? FindUnrest() : shortfall;
        return Outcome.Shortfall is null;
    }

    async Task BeSilentAsync()
    {
        if (Outcome.Shortfall is null)
        {
            _isSilenceDue = true;
            await PassAsync(Silence);
        }
    }

    /// <summary>Whether what was asked for is there, or a condition says why it cannot be.</summary>
    bool IsDone(out string shortfall)
    {
        if (Cluster is not { } cluster)
        {
            shortfall = AllPods.Any(pod => PlaceOf(pod.Name) is not null) ? "pods of the deleted cluster are still there" : "";
            return shortfall.Length == 0;
        }

        var (ready, stalled, reconciling) = (ConditionOf("Ready"), ConditionOf("Stalled"), ConditionOf("Reconciling"));
        var isCurrent = ready?.ObservedGeneration == cluster.Metadata.Generation;
        shortfall = $"is not Ready ({ready?.Reason}: {ready?.Message}; Reconciling {reconciling?.Status} {reconciling?.Message})";
        if (isCurrent && stalled is { Status: "True", Reason: { Length: > 0 } })
        {
            Outcome.IsRefused = true;
            return true;
        }

        Outcome.IsRefused = false;
        if (isCurrent && ready is { Status: "True" } && reconciling is { Status: "False" })
        {
            shortfall = FindBroken() ?? "";
            return shortfall.Length == 0;
        }

        return false;
    }

    RedisCluster NewCluster(NamespacedName key, int shards, int replicas) => new()
    {
        Metadata = new V1ObjectMeta { Name = key.Name, NamespaceProperty = key.Namespace },
        Spec = new RedisClusterSpec
        {
            Shards = shards,
            ReplicasPerShard = replicas,
            Image = Scenario.Shape.Image,
            Storage = Scenario.Shape.HasVolumes ? new RedisClusterStorage { Size = "1Gi" } : null,
            Config = new SortedDictionary<string, IntOrString>(StringComparer.Ordinal) { ["cluster-node-timeout"] = (int)Scenario.Shape.NodeTimeout.TotalMilliseconds },
        },
    };

    Task PassAsync(TimeSpan time) => Task.Delay(time, Simulator.Time);
}
