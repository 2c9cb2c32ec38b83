using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>The second look, only at what the first one left open: where keys of slots without a clear owner are, and who unknown nodes are.</summary>
sealed class DoubtObserver(IRedisNodes redis)
{
    /// <summary>For up to 16384 counts in one batch.</summary>
    static readonly TimeSpan CountWithin = TimeSpan.FromSeconds(1);

    /// <summary>A stranger that does not answer in this time proves nothing; it is most often gone.</summary>
    static readonly TimeSpan StrangerWithin = TimeSpan.FromMilliseconds(300);

    static readonly RedisCommand<RedisInfo> WhoAreYou = ServerCommands.Info("server");

    public async Task<SlotKeys> CountKeysAsync(
        IReadOnlyList<PodObservation> pods,
        bool isComplete,
        RedisCredentials? credentials,
        CancellationToken cancellationToken)
    {
        var slots = SlotsInQuestion.Find(pods, isComplete);
        if (slots.IsEmpty)
        {
            return SlotKeys.None;
        }

        var masters = pods.Where(pod => pod.Server is { IsMaster: true }).ToList();
        var counted = await Task.WhenAll(masters.Select(master => CountAsync(master, slots, credentials, cancellationToken)));
        var held = new SortedDictionary<NodeId, SlotSet>();
        for (var index = 0; index < masters.Count; index++)
        {
            if (counted[index] is { } found)
            {
                held[masters[index].Server!.Id] = found;
            }
        }

        return new SlotKeys(slots, held);
    }

    /// <summary>
    /// Asks the nodes that none of our pods is, at addresses where none of our pods is, who they are: without credentials, as it may be anybody. Not those that
    /// announced the name of a pod of ours and own nothing: that was a pod which is replaced by now.
    /// </summary>
    public async Task<IReadOnlyList<StrangerObservation>> AskStrangersAsync(
        NamespacedName cluster,
        IReadOnlyList<PodObservation> pods,
        CancellationToken cancellationToken)
    {
        var ids = new SortedSet<NodeId>(pods.Select(pod => pod.Server).OfType<ServerObservation>().Select(server => server.Id));
        var addresses = new SortedSet<string>(pods.Select(pod => pod.Address).OfType<string>(), StringComparer.Ordinal);
        var strangers = new SortedDictionary<NodeId, RedisEndpoint>();
        foreach (var node in pods.Select(pod => pod.Server).OfType<ServerObservation>().SelectMany(server => server.Nodes.Nodes))
        {
            if (!ids.Contains(node.Id)
                && node is { IsInHandshake: false, HasNoAddress: false, Ip.Length: > 0, Port: > 0 }
                && !addresses.Contains(node.Ip)
                && !IsFormerPod(cluster, node))
            {
                strangers.TryAdd(node.Id, new RedisEndpoint(node.Ip, node.Port));
            }
        }

        return await Task.WhenAll(strangers.Select(stranger => AskAsync(stranger.Key, stranger.Value, cancellationToken)));
    }

    static bool IsFormerPod(NamespacedName cluster, ClusterNode node) =>
        node.Slots.IsEmpty && node.Hostname == ClusterNames.StableHost(cluster, node.Hostname.Split('.')[0]);

    async Task<SlotSet?> CountAsync(PodObservation master, SlotSet slots, RedisCredentials? credentials, CancellationToken cancellationToken)
    {
        if (!master.Server!.HoldsKeys)
        {
            return SlotSet.Empty;
        }

        try
        {
            RedisCommand<long>[] counts = [.. slots.Select(ClusterCommands.CountKeysInSlot)];
            var replies = await redis.Get(master.Reference!.Endpoint, master.Uid, credentials).ExecuteAsync(counts, CountWithin, cancellationToken);
            var held = new SlotSetBuilder();
            var index = 0;
            foreach (var slot in slots)
            {
                if (counts[index].Read(replies[index]) > 0)
                {
                    held.Add(slot);
                }

                index++;
            }

            return held.Build();
        }
        catch (RedisException)
        {
            return null;
        }
    }

    async Task<StrangerObservation> AskAsync(NodeId id, RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        var key = $"stranger {id}";
        try
        {
            var replies = await redis.Get(endpoint, key, credentials: null).ExecuteAsync([WhoAreYou, ClusterCommands.MyId], StrangerWithin, cancellationToken);
            var isIt = ClusterCommands.MyId.Read(replies[1]) == id;
            return new StrangerObservation(id, endpoint, isIt && ServerIdentity.TryRead(WhoAreYou.Read(replies[0]), out var identity, out _) ? identity.ClusterUid : null);
        }
        catch (Exception e) when (e is RedisException or FormatException)
        {
            return new StrangerObservation(id, endpoint, ClusterUid: null);
        }
        finally
        {
            redis.Forget(key);
        }
    }
}
