using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>The laws of walks find what they are there to find, and nothing else.</summary>
public sealed class WalkLawTests
{
    static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(5);
    static readonly SlotSet Low = SlotSet.FromRange(0, 8191);
    static readonly SlotSet High = SlotSet.FromRange(8192, 16383);

    readonly Wishes _wishes = new();

    public WalkLawTests() => _wishes.Add(TimeSpan.Zero, shards: 2, nodesPerShard: 2);

    [Fact]
    public void Slots_without_owner_are_found_once_no_failover_takes_that_long()
    {
        var law = new SlotsHaveOwners(NodeTimeout);
        Assert.Empty(law.Judge(View(100, servers: [Server("o-0-0", Low)])));
        Assert.Empty(law.Judge(View(119, servers: [Server("o-0-0", Low)])));
        Assert.Contains("8192-16383 for 21.0 s", Assert.Single(law.Judge(View(121, servers: [Server("o-0-0", Low)]))), StringComparison.Ordinal);
        Assert.Empty(law.Judge(View(122, servers: [Server("o-0-0", Low), Server("o-1-0", High)])));
        Assert.Empty(law.Judge(View(123, servers: [Server("o-0-0", Low)])));
    }

    [Fact]
    public void Slots_that_two_take_writes_of_are_found_and_those_that_move_are_not()
    {
        var law = new OneWriter(NodeTimeout);
        Assert.Empty(law.Judge(View(100, servers: [Server("o-0-0", Low), Server("o-0-1", Low)])));
        Assert.Empty(law.Judge(View(105, servers: [Server("o-0-0", Low), Server("o-0-1", SlotSet.Of(7))])));
        Assert.Contains("slots 7 for 11.0 s", Assert.Single(law.Judge(View(111, servers: [Server("o-0-0", Low), Server("o-0-1", SlotSet.Of(7))]))), StringComparison.Ordinal);

        law = new OneWriter(NodeTimeout);
        Assert.Empty(law.Judge(View(100, servers: [Server("o-0-0", SlotSet.Of(1)), Server("o-0-1", SlotSet.Of(1))])));
        Assert.Empty(law.Judge(View(105, servers: [Server("o-0-0", SlotSet.Of(2)), Server("o-0-1", SlotSet.Of(2))])));
        Assert.Empty(law.Judge(View(111, servers: [Server("o-0-0", SlotSet.Of(2)), Server("o-0-1", SlotSet.Of(2))])));
    }

    [Fact]
    public void A_status_that_goes_on_saying_Ready_is_found()
    {
        var law = new HonestReady();
        Assert.Empty(law.Judge(View(100, isReady: true, servers: [Server("o-0-0", Low)])));
        Assert.Empty(law.Judge(View(105, isReady: true, servers: [Server("o-0-0", Low)])));
        Assert.Empty(law.Judge(View(111, isReady: false, servers: [Server("o-0-0", Low)])));
        Assert.Single(law.Judge(View(112, isReady: true, servers: [Server("o-0-0", Low)])));
    }

    [Fact]
    public void A_pod_that_is_stopped_before_another_is_back_is_found()
    {
        var law = new OneStopAtATime();
        Assert.Empty(law.Judge(View(100, pods: [Pod("o-0-0", "a"), Pod("o-0-1", "b"), Pod("o-1-0", "c"), Pod("o-2-0", "d")])));

        // nobody wants the third shard, and one that is wanted is stopped
        Assert.Empty(law.Judge(View(101, pods: [Pod("o-0-0", "a"), Pod("o-0-1", "b", isEnding: true), Pod("o-1-0", "c")])));
        Assert.Empty(law.Judge(View(102, pods: [Pod("o-0-0", "a"), Pod("o-0-1", "e", isReady: false), Pod("o-1-0", "c")])));
        var found = Assert.Single(law.Judge(View(103, pods: [Pod("o-0-0", "a"), Pod("o-0-1", "e", isReady: false), Pod("o-1-0", "c", isEnding: true)])));
        Assert.Equal("o-1-0 is stopped, and not back are o-0-1, o-1-0", found);
        Assert.Empty(law.Judge(View(104, pods: [Pod("o-0-0", "a"), Pod("o-0-1", "e"), Pod("o-1-0", "f")])));
        Assert.Empty(law.Judge(View(105, pods: [Pod("o-0-1", "e"), Pod("o-1-0", "f")])));
    }

    [Fact]
    public void A_wanted_shard_that_is_emptied_shrunk_or_removed_is_found()
    {
        Assert.Equal("o-1 is marked to be emptied, and is wanted", Assert.Single(After(Set("o-0"), Set("o-1", isDraining: true))));
        Assert.Equal("o-1 shall run 1 pods, and more are wanted", Assert.Single(After(Set("o-0"), Set("o-1", replicas: 1))));
        Assert.Equal("o-1 was removed, and is wanted", Assert.Single(After(Set("o-0"))));

        // what somebody did not want a moment ago
        _wishes.Add(TimeSpan.FromSeconds(99), shards: 1, nodesPerShard: 2);
        _wishes.Add(TimeSpan.FromSeconds(100), shards: 2, nodesPerShard: 2);
        Assert.Empty(After(Set("o-0"), Set("o-1", isDraining: true)));

        List<string> After(params V1StatefulSet[] sets)
        {
            var law = new WantedShardsStay();
            Assert.Empty(law.Judge(View(100, sets: [Set("o-0"), Set("o-1")])));
            return [.. law.Judge(View(101, sets: sets))];
        }
    }

    WorldView View(int seconds, bool isReady = false, V1Pod[]? pods = null, V1StatefulSet[]? sets = null, ServerAnswer[]? servers = null) => new()
    {
        At = TimeSpan.FromSeconds(seconds),
        Pods = pods ?? [],
        Sets = sets ?? [],
        Servers = servers ?? [],
        Cluster = new RedisCluster
        {
            Spec = new RedisClusterSpec { Shards = 2, Image = "redis:7.0" },
            Status = new RedisClusterStatus { Conditions = [new V1Condition { Type = "Ready", Status = isReady ? "True" : "False" }] },
        },
        Wishes = _wishes,
        OperatorUpFor = TimeSpan.FromSeconds(seconds),
    };

    static ServerAnswer Server(string pod, SlotSet slots) => new(
        pod,
        new ClusterNodesTable([new ClusterNode { Id = NodeId.Parse(new string('a', 40)), Flags = ClusterNodeFlags.Myself | ClusterNodeFlags.Master, Slots = slots }]),
        IsOk: true);

    static V1Pod Pod(string name, string uid, bool isReady = true, bool isEnding = false) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Uid = uid, DeletionTimestamp = isEnding ? DateTimeOffset.UnixEpoch : null },
        Status = new V1PodStatus { Conditions = [new V1PodCondition { Type = "Ready", Status = isReady ? "True" : "False" }] },
    };

    static V1StatefulSet Set(string name, bool isDraining = false, int replicas = 2) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Uid = name,
            Annotations = isDraining ? new Dictionary<string, string> { [ClusterMetadata.DrainingAnnotation] = "true" } : null,
        },
        Spec = new V1StatefulSetSpec { Replicas = replicas, ServiceName = "o", Selector = new(), Template = new() },
    };
}
