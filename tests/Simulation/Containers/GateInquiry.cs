using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;
using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>Whom a server at its gate asks, and what it learns from them: the middle part of gate.sh.</summary>
sealed class GateInquiry
{
    const int MostOthers = 5;
    const int MostSiblings = 6;

    /// <summary>A replica that was in touch so long before the last write on the disk, or later, has that write: times are whole seconds.</summary>
    static readonly TimeSpan Blur = TimeSpan.FromSeconds(2);

    readonly RedisContainers _all;
    readonly RedisWorld _redis;
    readonly ContainerStart _start;
    readonly NodesFile? _was;
    readonly List<string> _siblings = [];
    readonly List<string> _followers = [];
    readonly List<string> _reached = [];
    readonly List<string> _others = [];

    public GateInquiry(RedisContainers all, RedisWorld redis, ContainerStart start, string hostname, NodesFile? was)
    {
        _all = all;
        _redis = redis;
        _start = start;
        _was = was;
        var (pod, dot) = (start.Pod.Metadata.Name!, hostname.IndexOf('.', StringComparison.Ordinal));
        for (var ordinal = 0; ordinal < MostSiblings; ordinal++)
        {
            var sibling = string.Create(CultureInfo.InvariantCulture, $"{pod[..pod.LastIndexOf('-')]}-{ordinal}");
            if (sibling != pod)
            {
                _siblings.Add(sibling + hostname[dot..]);
            }
        }

        FindOthers();
    }

    /// <summary>When the last write came to the append-only file that the server will read; null when it will read nothing that counts.</summary>
    public TimeSpan? FileEnd { get; init; }

    /// <summary>By its own table: whether somebody follows another node that was at this address.</summary>
    public bool IsAddressFollowed => FollowersOfAddress(OwnTable).Any();

    public bool IsAnybodySilent => _siblings.Concat(_others).Select(_start.Resolve).OfType<string>().Any(address => !Reaches(address) || _redis.Find(address) is { IsPaused: true });

    bool WasMaster => _was is { IsMaster: true, Slots.IsEmpty: false };

    IEnumerable<(NodeId Id, string Ip, string Hostname, NodeId? Master)> OwnTable => (_was?.Nodes ?? []).Select(node => (node.Id, node.Ip, node.Hostname, node.Master));

    /// <summary>A node without slots has nothing that others could have.</summary>
    public void AskSiblingsOnly()
    {
        _followers.Clear();
        _reached.Clear();
        _others.Clear();
    }

    /// <summary>Whether a host was a replica of this node.</summary>
    public bool Follows(string host) => _followers.Contains(host);

    /// <summary>Who would copy this server because it is where his master was.</summary>
    public List<string> FindLodgers()
    {
        var tables = _siblings.Concat(_others).Select(FindServer).OfType<ServerProcess>()
            .Select(server => server.Cluster.Nodes.Select(node => (node.Id, node.Ip, node.Hostname, node.Master?.Id)))
            .Append(OwnTable);
        var guests = tables.SelectMany(FollowersOfAddress).Distinct().Order(StringComparer.Ordinal);
        return [.. guests.Where(host => FindServer(host) is { View.Keys.Count: > 0, Cluster.Myself: { IsReplica: true, Master: { } master } } && master.Ip == _start.Address)];
    }

    /// <summary>
    /// Who has more than this one, who may have it and does not answer, who may have taken over and does not answer, and who owns the slots by now.
    /// </summary>
    public (List<string> Heirs, List<string> Missing, List<string> Unheard, NodeId? Owner) Ask()
    {
        var (heirs, missing, unheard, isInformed) = (new List<string>(), new List<string>(), new List<string>(), false);
        (NodeId Id, long Epoch)? owner = null;
        foreach (var host in _siblings.Concat(_others))
        {
            var answer = Ask(host);
            owner = answer.Owner is { } named && !(owner?.Epoch >= named.Epoch) ? named : owner;
            if (!_siblings.Contains(host))
            {
                isInformed |= answer.Kind == AnswerKind.Server;
                continue; // of the masters of other shards it matters only whom they take for the owner
            }

            unheard.AddRange(answer.Kind is AnswerKind.Nobody or AnswerKind.Silence && _reached.Contains(host) ? [host] : Array.Empty<string>());
            if (answer is { Kind: AnswerKind.Server, IsLoading: false, HasKeys: true, IsHeir: true })
            {
                heirs.Add(host);
            }

            var mayHaveThem = answer.Kind switch
            {
                AnswerKind.Server => answer.IsLoading,
                AnswerKind.Gate => answer.HasKeys,
                AnswerKind.Silence => true,
                _ => _followers.Contains(host),
            };
            missing.AddRange(mayHaveThem ? [host] : Array.Empty<string>());
        }

        return (heirs, missing, isInformed ? [] : unheard, owner?.Id);
    }

    void FindOthers()
    {
        foreach (var node in _was?.Nodes ?? [])
        {
            if (node.Hostname.Length == 0 || node.Flags.HasFlag(NodeFlags.Myself))
            {
                continue;
            }

            if (!node.Flags.HasFlag(NodeFlags.Master))
            {
                if (node.Master == _was!.MyId)
                {
                    _followers.Add(node.Hostname);
                    _reached.AddRange(node.Flags.HasFlag(NodeFlags.Failed) ? [] : [node.Hostname]);
                }
            }
            else if (!_siblings.Contains(node.Hostname) && _others.Count < MostOthers)
            {
                _others.Add(node.Hostname);
            }
        }
    }

    /// <summary>Of a table of nodes: the hosts that follow another node that was at this address.</summary>
    IEnumerable<string> FollowersOfAddress(IEnumerable<(NodeId Id, string Ip, string Hostname, NodeId? Master)> table)
    {
        var nodes = table.ToList();
        var previous = nodes.Where(node => node.Ip == _start.Address && node.Master is null && node.Id != _was?.MyId).Select(node => node.Id).ToList();
        return nodes.Where(node => node.Master is { } master && previous.Contains(master)).Select(node => node.Hostname);
    }

    /// <summary>The server of a host, if it answers and proves to be the one.</summary>
    ServerProcess? FindServer(string host) =>
        _start.Resolve(host) is { } address && Reaches(address) && _redis.Find(address) is { IsPaused: false } server && IsThat(server, host) ? server : null;

    bool IsThat(ServerProcess server, string host) => server.Setup.Hostname == host && server.Setup.ConfigFile.Contains(StartFiles.ClusterOf(_start), StringComparison.Ordinal);

    Answer Ask(string host)
    {
        if (_start.Resolve(host) is not { } address)
        {
            return new Answer(AnswerKind.Nobody);
        }

        if (!Reaches(address))
        {
            return new Answer(AnswerKind.Silence);
        }

        if (_redis.Find(address) is { IsPaused: false } server)
        {
            return Read(server, host);
        }

        // one at its gate says which name it has
        return _all.FindGate(address) is { IsWaiting: true } gate && gate.Hostname == host && gate.ClusterUid == StartFiles.ClusterOf(_start)
            ? new Answer(AnswerKind.Gate) { HasKeys = gate.HasDump }
            : new Answer(AnswerKind.Silence);
    }

    /// <summary>What a server says counts only if it proves to be of this cluster and of the pod that was asked for.</summary>
    Answer Read(ServerProcess server, string host)
    {
        if (!IsThat(server, host))
        {
            return new Answer(AnswerKind.Silence);
        }

        var view = server.View;
        var answer = new Answer(AnswerKind.Server) { IsLoading = view.IsLoading, HasKeys = view.Keys.Count > 0 };
        var followsMe = server.Cluster.Myself is { IsReplica: true, Master: { } master } && (master.Ip == _start.Address || master.Id == _was?.MyId);
        answer = answer with { IsHeir = followsMe && (!(WasMaster && FileEnd is { } end) || HasFollowedUntil(end, server)) };
        if (!WasMaster)
        {
            return answer;
        }

        foreach (var node in server.Cluster.Nodes.Where(node => node.IsMaster && node.Id != _was!.MyId && _was.Slots.Except(node.Slots).IsEmpty))
        {
            var isNewer = node.ConfigEpoch > MyEpoch;
            answer = answer with
            {
                Owner = isNewer && !(answer.Owner?.Epoch >= node.ConfigEpoch) ? (node.Id, node.ConfigEpoch) : answer.Owner,
                IsHeir = answer.IsHeir || (!isNewer && node.IsMyself && FileEnd is null),
            };
        }

        return answer;
    }

    long MyEpoch => _was!.Nodes.First(node => node.Id == _was.MyId).ConfigEpoch;

    /// <summary>Whether a replica has the end of the append-only file, and perhaps what came after it: also by what this node told it on the bus.</summary>
    bool HasFollowedUntil(TimeSpan end, ServerProcess replica) =>
        replica.Replication.Offset >= (replica.Cluster.Find(_was!.MyId)?.Offset ?? 0)
        && (replica.Replication.DownSeconds ?? 0) is >= 0 and var down && _redis.Simulator.Now - TimeSpan.FromSeconds(down) + Blur >= end;

    bool Reaches(string address) => _redis.Network.Reaches(_start.Address, address) && _redis.Network.Reaches(address, _start.Address);

    enum AnswerKind
    {
        /// <summary>There is no such name.</summary>
        Nobody,

        Silence,
        Gate,
        Server,
    }

    sealed record Answer(AnswerKind Kind)
    {
        public bool IsLoading { get; init; }

        public bool HasKeys { get; init; }

        /// <summary>It follows this one and has what is missing here, or has its slots since before.</summary>
        public bool IsHeir { get; init; }

        /// <summary>Whom it takes for the owner of the slots, by a newer epoch.</summary>
        public (NodeId Id, long Epoch)? Owner { get; init; }
    }
}
