using System.Globalization;
using Slotwise.Simulation.Clock;
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

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Two questions, each given up after a second.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(50);

    /// <summary>A replica that may have taken over and hangs is ended by its kubelet by then.</summary>
    static readonly TimeSpan Hung = TimeSpan.FromMinutes(3);

    /// <summary>How much longer than cluster-node-timeout an election takes.</summary>
    static readonly TimeSpan Election = TimeSpan.FromSeconds(4);

    readonly RedisContainers _all;
    readonly ContainerStart _start;
    readonly Action<string?> _open;
    readonly bool _appendsOnly;
    readonly TimeSpan _timeout;
    readonly TimeSpan _began;
    readonly NodesFile? _was;
    readonly GateInquiry _inquiry;
    TimeSpan? _ownerSince;
    bool _isClosed;

    internal StartGate(RedisContainers all, RedisWorld redis, ContainerStart start, string hostname, SortedDictionary<string, string> directives, Action<string?> open)
    {
        _all = all;
        _start = start;
        _open = open;
        _appendsOnly = directives.GetValueOrDefault("appendonly") == "yes";
        _timeout = StartFiles.NodeTimeoutOf(directives);
        Simulator = redis.Simulator;
        _began = Simulator.Now;
        _was = NodesFile.Read(Data);
        Hostname = hostname;
        _inquiry = new GateInquiry(all, redis, start, hostname, _was) { FileEnd = LoadsEverything ? AppendOnlyFile.Read(Data)?.WrittenAt : null };
    }

    /// <summary>Whether the server waits there.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>What it waits for.</summary>
    public string WaitsFor { get; private set; } = "";

    /// <summary>Whether there is data on the volume, however old.</summary>
    internal bool HasDump => _appendsOnly && AppendOnlyFile.Read(Data) is not null;

    /// <summary>The name that it answers to.</summary>
    internal string Hostname { get; }

    /// <summary>The cluster that it belongs to.</summary>
    internal string ClusterUid => StartFiles.ClusterOf(_start);

    Simulator Simulator { get; }

    Volume Data => _start.Volumes[Slotwise.Reconcilers.Resources.ClusterNames.DataVolume];

    bool WasMaster => _was is { IsMaster: true, Slots.IsEmpty: false };

    /// <summary>Whether its file has everything but the last second.</summary>
    bool LoadsEverything => HasDump && Data.Read(MemoryOnly) is null;

    /// <summary>Lets the server start now or later.</summary>
    internal void Pass()
    {
        if (_all.StartsAlways || (_was is { IsMaster: false } && !_inquiry.IsAddressFollowed))
        {
            Open(null);
            return;
        }

        if (!WasMaster)
        {
            _inquiry.AskSiblingsOnly();
        }

        IsWaiting = true;
        Look();
    }

    internal void Close()
    {
        _isClosed = true;
        IsWaiting = false;
    }

    /// <summary>Everybody is asked at once; the slowest answer is waited for.</summary>
    void Look() => Simulator.After(_inquiry.IsAnybodySilent ? Patience : Quick, () =>
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

    bool MayStart(out string? decision)
    {
        decision = null;
        if (_inquiry.FindLodgers() is { Count: > 0 } lodgers)
        {
            return Say($"the master of {string.Join(' ', lodgers)} was at this address, which would copy this server");
        }

        var (heirs, missing, unheard, owner) = _inquiry.Ask();
        var waited = Simulator.Now - _began;
        if (owner is { } id)
        {
            _ownerSince ??= waited;
            if (heirs.Count > 0 && waited - _ownerSince < _timeout)
            {
                return Say($"another node has the slots, but {string.Join(' ', heirs)} did not follow it yet");
            }

            decision = "replaced";
            if (_was!.Nodes.Any(node => node.Id == id))
            {
                Data.TryWrite(NodesFile.Name, _was.SteppedDown(id));
            }

            return true;
        }

        if (WasMaster && LoadsEverything)
        {
            return heirs.Count > 0 && waited < (_timeout * 2) + Election ? Say($"the last writes may be missing here, and {string.Join(' ', heirs)} has them")
                : unheard.Count > 0 && waited < Hung ? Say($"somebody may have the slots by now, as these do not answer and nobody else can tell: {string.Join(' ', unheard)}")
                : true;
        }

        if (heirs.Count > 0)
        {
            return Say($"the keys in memory are lost here, and {string.Join(' ', heirs)} still has them");
        }

        return !WasMaster || MayStartEmpty(missing, waited, out decision);
    }

    /// <summary>Nobody who answers has what this one had.</summary>
    bool MayStartEmpty(List<string> missing, TimeSpan waited, out string? decision)
    {
        decision = null;
        if (missing.Count > 0 && waited < _timeout * 2)
        {
            return Say($"the keys in memory are lost here, and these may have them but do not answer: {string.Join(' ', missing)}");
        }

        var known = missing.Where(_inquiry.Follows).ToList();
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

        return Say($"the keys in memory are lost here, and only {string.Join(' ', known)} may have them");
    }

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

    /// <summary>Says why it does not start yet.</summary>
    bool Say(string what)
    {
        if (what != WaitsFor)
        {
            WaitsFor = what;
            Simulator.Trace.Add(_start.Pod.Metadata.Name!, $"gate: {what}");
        }

        return false;
    }
}
