using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Planning.Configuration;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Observation;

/// <summary>Reads the caches and asks all servers at once. A server that cannot be reached is a value, not an error.</summary>
public sealed class ClusterObserver(ClusterCaches caches, IRedisNodes redis, TimeProvider time)
{
    /// <summary>The whole observation; what answers later is unreachable in this pass.</summary>
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1.5);

    /// <summary>Characters of what a server said before it ended; the end says why.</summary>
    const int MaxLastWords = 300;

    static readonly RedisCommand<RedisInfo> Info = ServerCommands.Info("server", "memory", "persistence", "replication", "keyspace");

    /// <summary>A gate's own words (gate.sh).</summary>
    static readonly RedisCommand WaitsFor = new("GET", "waits");

    readonly DoubtObserver _doubts = new(redis);
    readonly Lazy<DateTimeOffset> _watchedSince = new(time.GetUtcNow);

    /// <summary>Since when this operator works; its first observation unless somebody says otherwise. A standby does not work.</summary>
    public DateTimeOffset WatchedSince
    {
        get => _watchedSince.Value;
        init => _watchedSince = new Lazy<DateTimeOffset>(value);
    }

    /// <summary>One pass's view of a cluster.</summary>
    public async Task<ClusterObservation> ObserveAsync(RedisCluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var watchedSince = WatchedSince;
        var key = NamespacedName.Of(cluster);
        var objects = caches.Read(key);
        var credentials = Credentials.ForOperator(Own(cluster, objects.Secrets));
        var places = PlacePods(cluster, objects, caches.Pods.OwnedBy(key));

        // In the same round trip as all else, so that a settled cluster costs no more for it.
        var config = ServerCommands.ConfigGet([.. ConfigState.Names(cluster, objects.ConfigMaps), VolumeReport.Directive]);
        var pods = await Task.WhenAll(places.Select(place => ObservePodAsync(cluster, place, credentials, config, cancellationToken)));
        var notes = objects.StatefulSets.SelectMany(MemberNote.ReadAll).ToList();
        var observation = new ClusterObservation
        {
            At = time.GetUtcNow(),
            WatchedSince = watchedSince,
            Cluster = cluster,
            Objects = objects,
            Pods = pods,
            Hosts = FindHosts(notes, pods),
            EndedPods = [.. notes.Select(note => note.PodUid).Where(caches.EndedPods.Contains)],
        };
        var keys = _doubts.CountKeysAsync(pods, Absence.Find(observation).Count == 0 && observation.WasFounded, credentials, cancellationToken);
        var strangers = _doubts.AskStrangersAsync(key, pods, cancellationToken);
        return observation with { Keys = await keys, Strangers = await strangers };
    }

    List<HostObservation> FindHosts(IReadOnlyList<MemberNote> notes, IReadOnlyList<PodObservation> pods)
    {
        var names = new SortedSet<string>(pods.Select(pod => pod.Host), StringComparer.Ordinal);
        names.UnionWith(notes.Select(note => note.Host));
        return [.. names.Select(name => caches.Hosts.Get(new NamespacedName("", name))).OfType<V1Node>().Select(HostObservation.Of)];
    }

    /// <summary>
    /// The pods of this very cluster, by shard and ordinal. Pods left by an earlier cluster of the same name carry the same labels and are not ours. Those that
    /// nobody controls are: their StatefulSet was deleted without them, to be made again; whose they are their servers have to prove as all others.
    /// </summary>
    static List<(V1Pod Pod, int Shard, int Ordinal)> PlacePods(RedisCluster cluster, ClusterObjects objects, IReadOnlyList<V1Pod> pods)
    {
        var shards = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var set in objects.StatefulSets)
        {
            if (set.Metadata is { Uid: { } uid } && set.Metadata.IsControlledBy(cluster.Metadata.Uid) && ClusterMetadata.ShardOf(set.Metadata) is { } shard)
            {
                shards[uid] = shard;
            }
        }

        var places = new List<(V1Pod Pod, int Shard, int Ordinal)>();
        foreach (var pod in pods)
        {
            var owner = pod.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true)?.Uid;
            if (ReadOrdinal(pod) is not { } ordinal)
            {
                continue;
            }

            if (owner is not null && shards.TryGetValue(owner, out var shard))
            {
                places.Add((pod, shard, ordinal));
            }
            else if (owner is null && ClusterMetadata.ShardOf(pod.Metadata) is { } index && pod.Metadata.Name == ClusterNames.Pod(cluster.Metadata.Name!, index, ordinal))
            {
                places.Add((pod, index, ordinal));
            }
        }

        places.Sort((left, right) => (left.Shard, left.Ordinal).CompareTo((right.Shard, right.Ordinal)));
        return places;
    }

    async Task<PodObservation> ObservePodAsync(
        RedisCluster cluster,
        (V1Pod Pod, int Shard, int Ordinal) place,
        RedisCredentials? credentials,
        RedisCommand<IReadOnlyDictionary<string, string>> config,
        CancellationToken cancellationToken)
    {
        var pod = new PodObservation(place.Pod, place.Shard, place.Ordinal, Server: null, Silence: null);
        if (ReasonNotToAsk(pod, credentials) is { } reason)
        {
            return pod with { Silence = reason };
        }

        var node = redis.Get(pod.Reference!.Endpoint, pod.Uid, credentials);
        try
        {
            var replies = await node.ExecuteAsync([Info, ClusterCommands.Info, ClusterCommands.Nodes, SlotJobCommands.Method, config], AnswerWithin, cancellationToken);
            var info = Info.Read(replies[0]);
            if (!ServerIdentity.TryRead(info, out var identity, out var stranger))
            {
                return pod with { Silence = stranger };
            }

            if (identity != new ServerIdentity(cluster.Metadata.Uid!, pod.Uid))
            {
                return pod with { Silence = $"{node.Endpoint} answers, but as another pod ({identity.PodUid} of cluster {identity.ClusterUid})" };
            }

            var nodes = ClusterCommands.Nodes.Read(replies[2]);
            if (nodes.Myself is null)
            {
                return pod with { Silence = "the server does not list itself in CLUSTER NODES" };
            }

            // An error: its list of users is older than this question.
            var method = replies[3].IsError ? SlotMoveMethod.SetSlot : SlotJobCommands.Method.Read(replies[3]);
            var server = new ServerObservation(identity, info, ClusterCommands.Info.Read(replies[1]), nodes)
            {
                Config = config.Read(replies[4]),
                MoveMethod = method,
                Volume = VolumeReport.Read(config.Read(replies[4]), info),
                Jobs = await ObserveJobsAsync(node, method, cancellationToken),
            };
            return pod with { Server = server };
        }
        catch (Exception e) when (e is RedisConnectionException or RedisServerException or FormatException)
        {
            var waitsFor = await AskGateAsync(cluster, pod, credentials, cancellationToken);
            return pod with { Silence = waitsFor ?? e.Message, IsAtGate = waitsFor is not null, IsLoading = e is RedisServerException { Code: "LOADING" } };
        }
    }

    /// <summary>What a server that may not start yet waits for; null when it does not stand at its gate. Asked only of containers that run and have not started.</summary>
    async Task<string?> AskGateAsync(RedisCluster cluster, PodObservation pod, RedisCredentials? credentials, CancellationToken cancellationToken)
    {
        if (pod.Container is not { State.Running: not null, Started: false })
        {
            return null;
        }

        var gate = redis.Get(new RedisEndpoint(pod.Address!, ClusterPorts.Gate), pod.Uid + "/gate", credentials);
        try
        {
            var replies = await gate.ExecuteAsync([Info, WaitsFor], AnswerWithin, cancellationToken);
            return new ServerIdentity(cluster.Metadata.Uid!, pod.Uid).IsGate(Info.Read(replies[0])) && replies[1].AsText() is { Length: > 0 } waitsFor ? waitsFor : null;
        }
        catch (Exception e) when (e is RedisConnectionException or RedisServerException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A second question, but only to servers that know it.</summary>
    static async Task<IReadOnlyList<SlotMoveJob>> ObserveJobsAsync(IRedisNode node, SlotMoveMethod method, CancellationToken cancellationToken) => method switch
    {
        SlotMoveMethod.ValkeyJob => await node.ExecuteAsync(SlotJobCommands.ValkeyJobs, AnswerWithin, cancellationToken),
        SlotMoveMethod.RedisTask => await node.ExecuteAsync(SlotJobCommands.RedisTasks, AnswerWithin, cancellationToken),
        _ => [],
    };

    /// <summary>A pass never waits for a server that is known not to be there.</summary>
    static string? ReasonNotToAsk(PodObservation pod, RedisCredentials? credentials) => pod switch
    {
        { Address: null or "" } => Waiting(pod) ?? "the pod has no address yet",
        { Container.State.Terminated: { } end } => $"its container ended: {end.Reason ?? "exit code " + end.ExitCode.ToString(CultureInfo.InvariantCulture)}",
        { Container.State.Waiting: not null } => Waiting(pod),
        _ when credentials is null => "the Secret with the operator's password is not there yet",
        _ => null,
    };

    static string? Waiting(PodObservation pod)
    {
        if (pod.Container is not { State.Waiting: { Reason: { } reason } waiting } container)
        {
            return null;
        }

        string?[] parts = [reason, waiting.Message, LastWords(container.LastState?.Terminated?.Message)];
        return string.Join(": ", parts.Where(part => !string.IsNullOrEmpty(part)));
    }

    /// <summary>The end of what a server said, without the line that quotes its configuration: that may hold a password.</summary>
    static string LastWords(string? message)
    {
        var lines = (message ?? "").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith(">>>", StringComparison.Ordinal));
        var words = string.Join(", ", lines);
        return words.Length > MaxLastWords ? words[^MaxLastWords..] : words;
    }

    static V1Secret? Own(RedisCluster cluster, IReadOnlyList<V1Secret> secrets) =>
        secrets.FirstOrDefault(secret => secret.Metadata.Name == ClusterNames.CredentialsSecret(cluster.Metadata.Name!)
            && secret.Metadata.IsControlledBy(cluster.Metadata.Uid));

    static int? ReadOrdinal(V1Pod pod)
    {
        var name = pod.Metadata.Name ?? "";
        return int.TryParse(name[(name.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : null;
    }
}
