using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Bus;
using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>The gate of law 5 as gate.sh has it: a server that lost its memory waits until it is known that nobody else has what it had.</summary>
public sealed class StartGate
{
    /// <summary>Left on the volume by a life without an append-only file.</summary>
    const string MemoryOnly = "memory-only";

    const int MostOthers = 5;
    const int MostSiblings = 6;

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Two questions, each given up after a second.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(50);

    /// <summary>A replica that may have taken over and hangs is ended by its kubelet by then.</summary>
    static readonly TimeSpan Hung = TimeSpan.FromMinutes(3);

    readonly RedisContainers _all;
    readonly RedisWorld _redis;
    readonly ContainerStart _start;
    readonly string _hostname;
    readonly Action<string?> _open;
    readonly bool _appendsOnly;
    readonly TimeSpan _timeout;
    readonly TimeSpan _began;
    readonly NodesFile? _was;
    readonly List<string> _siblings = [];
    readonly List<string> _followers = [];
    readonly List<string> _reached = [];
    readonly List<string> _others = [];
    TimeSpan? _ownerSince;
    string _said = "";
    bool _isClosed;

    internal StartGate(RedisContainers all, RedisWorld redis, ContainerStart start, string hostname, SortedDictionary<string, string> directives, Action<string?> open)
    {
        _all = all;
        _redis = redis;
        _start = start;
        _hostname = hostname;
        _open = open;
        _appendsOnly = directives.GetValueOrDefault("appendonly") == "yes";
        _timeout = StartFiles.NodeTimeoutOf(directives);
        _began = redis.Simulator.Now;
        _was = NodesFile.Read(Data);
        FindOthers();
    }

    /// <summary>Whether the server waits there.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>What it waits for.</summary>
    public string WaitsFor => _said;

    /// <summary>Whether there is data on the volume, however old.</summary>
    internal bool HasDump => _appendsOnly && AppendOnlyFile.Read(Data) is not null;

    Simulator Simulator => _redis.Simulator;

    Volume Data => _start.Volumes[Slotwise.Reconcilers.Resources.ClusterNames.DataVolume];

    bool WasMaster => _was is { IsMaster: true, Slots.IsEmpty: false };

    bool LoadsEverything => HasDump && Data.Read(MemoryOnly) is null;

    /// <summary>Lets the server start now or later.</summary>
    internal void Pass()
    {
        if (_all.StartsAlways || (_was is { IsMaster: false } && !FollowersOfAddress(_was.Nodes.Select(node => (node.Id, node.Ip, node.Hostname, node.Master))).Any()))
        {
            Open(null);
            return;
        }

        if (!WasMaster)
        {
            _followers.Clear();
            _reached.Clear();
            _others.Clear();
        }

        IsWaiting = true;
        Look();
    }

    internal void Close()
    {
        _isClosed = true;
        IsWaiting = false;
    }

    void FindOthers()
    {
        var (pod, dot) = (_start.Pod.Metadata.Name!, _hostname.IndexOf('.', StringComparison.Ordinal));
        for (var ordinal = 0; ordinal < MostSiblings; ordinal++)
        {
            var sibling = string.Create(CultureInfo.InvariantCulture, $"{pod[..pod.LastIndexOf('-')]}-{ordinal}");
            if (sibling != pod)
            {
                _siblings.Add(sibling + _hostname[dot..]);
            }
        }

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

    /// <summary>Everybody is asked at once; the slowest answer is waited for.</summary>
    void Look()
    {
        var isAnybodySilent = _siblings.Concat(_others).Select(_start.Resolve).OfType<string>().Any(address => !Reaches(address) || _redis.Find(address) is { IsPaused: true });
        Simulator.After(isAnybodySilent ? Patience : Quick, () =>
        {
            if (_isClosed)
            {
                return;
            }

            if (MayStart(out var decision))
            {
                Open(decision);
            }
            else
            {
                Simulator.After(Pause, () =>
                {
                    if (!_isClosed)
                    {
                        Look();
                    }
                });
            }
        });
    }

    bool MayStart(out string? decision)
    {
        decision = null;
        if (FindLodgers() is { Count: > 0 } lodgers)
        {
            Say($"the master of {string.Join(' ', lodgers)} was at this address, which would copy this server");
            return false;
        }

        var (heirs, missing, unheard, owner) = Judge();
        var waited = Simulator.Now - _began;
        if (owner is not null)
        {
            _ownerSince ??= waited;
            if (heirs.Count == 0 || waited - _ownerSince >= _timeout)
            {
                decision = "replaced";
                if (owner is { } id && _was!.Nodes.Any(node => node.Id == id))
                {
                    Data.TryWrite(NodesFile.Name, _was.SteppedDown(id));
                }

                return true;
            }

            Say($"another node has the slots, but {string.Join(' ', heirs)} did not follow it yet");
            return false;
        }

        if (WasMaster && LoadsEverything)
        {
            if (unheard.Count > 0 && waited < Hung)
            {
                Say($"somebody may have the slots by now, as these do not answer and nobody else can tell: {string.Join(' ', unheard)}");
                return false;
            }

            return true;
        }

        if (heirs.Count > 0)
        {
            Say($"the keys in memory are lost here, and {string.Join(' ', heirs)} still has them");
            return false;
        }

        if (!WasMaster)
        {
            return true;
        }

        if (missing.Count > 0 && waited < _timeout * 2)
        {
            Say($"the keys in memory are lost here, and these may have them but do not answer: {string.Join(' ', missing)}");
            return false;
        }

        var known = missing.Where(_followers.Contains).ToList();
        if (HasDump || known.Count == 0)
        {
            decision = HasDump ? "restored" : "emptied";
            return true;
        }

        if (_start.ReadFile("pod", "start-empty") == _was!.MyId.ToString())
        {
            decision = "resigned";
            return true;
        }

        Say($"the keys in memory are lost here, and only {string.Join(' ', known)} may have them");
        return false;
    }

    /// <summary>Who would copy this server because it is where his master was.</summary>
    List<string> FindLodgers()
    {
        var tables = _siblings.Concat(_others).Select(FindServer).OfType<ServerProcess>()
            .Select(server => server.Cluster.Nodes.Select(node => (node.Id, node.Ip, node.Hostname, node.Master?.Id)))
            .Append((_was?.Nodes ?? []).Select(node => (node.Id, node.Ip, node.Hostname, node.Master)));
        var guests = tables.SelectMany(FollowersOfAddress).Distinct().Order(StringComparer.Ordinal);
        return [.. guests.Where(host => FindServer(host) is { View.Keys.Count: > 0, Cluster.Myself: { IsReplica: true, Master: { } master } } && master.Ip == _start.Address)];
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

    (List<string> Heirs, List<string> Missing, List<string> Unheard, NodeId? Owner) Judge()
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
            if (answer is { Kind: AnswerKind.Server, IsLoading: false, HasKeys: true, IsHeir: true } && !(WasMaster && LoadsEverything))
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
        return _all.FindGate(address) is { IsWaiting: true } gate && gate._hostname == host && ClusterIsMine(gate._start)
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
        answer = answer with { IsHeir = server.Cluster.Myself is { IsReplica: true, Master: { } master } && (master.Ip == _start.Address || master.Id == _was?.MyId) };
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
                IsHeir = answer.IsHeir || (!isNewer && node.IsMyself),
            };
        }

        return answer;
    }

    long MyEpoch => _was!.Nodes.First(node => node.Id == _was.MyId).ConfigEpoch;

    bool ClusterIsMine(ContainerStart other) => StartFiles.ClusterOf(other) == StartFiles.ClusterOf(_start);

    bool Reaches(string address) => _redis.Network.Reaches(_start.Address, address) && _redis.Network.Reaches(address, _start.Address);

    void Open(string? decision)
    {
        IsWaiting = false;
        if (_appendsOnly)
        {
            Data.Delete(MemoryOnly);
        }
        else
        {
            Data.TryWrite(MemoryOnly, MemoryOnly);
        }

        if (decision is not null)
        {
            Simulator.Trace.Add(_start.Pod.Metadata.Name!, string.Create(CultureInfo.InvariantCulture, $"gate: started as {decision} after {(Simulator.Now - _began).TotalSeconds:0} s"));
        }

        _open(decision);
    }

    void Say(string what)
    {
        if (what != _said)
        {
            _said = what;
            Simulator.Trace.Add(_start.Pod.Metadata.Name!, $"gate: {what}");
        }
    }

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

        /// <summary>It follows this one, or has its slots since before.</summary>
        public bool IsHeir { get; init; }

        /// <summary>Whom it takes for the owner of the slots, by a newer epoch.</summary>
        public (NodeId Id, long Epoch)? Owner { get; init; }
    }
}
