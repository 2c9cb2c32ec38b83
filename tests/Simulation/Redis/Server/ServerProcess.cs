using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Replication;

namespace Slotwise.Simulation.Redis.Server;

/// <summary>
/// A redis-server process: one thread that takes one thing after the other. Stopped, or while it waits for another server (MIGRATE), it takes nothing, and
/// what arrives waits.
/// </summary>
public sealed class ServerProcess
{
    readonly Queue<Action> _inbox = new();
    bool _isPaused;
    bool _isBlocked;
    bool _isDraining;

    internal ServerProcess(RedisWorld world, ServerSetup setup, int incarnation)
    {
        World = world;
        Setup = setup;
        Simulator = world.Simulator;
        StartedAt = Simulator.Now;
        Random = Simulator.NewRandom(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"redis {setup.Name} {incarnation}"));
        RunId = RandomId();
        Config = new ServerConfig(setup);
        Replication = new ReplicationState(this);
        Data = new ServerData(this);
        Cluster = new ClusterMember(this);
        Users = setup.ReadUsers?.Invoke();
    }

    public ServerSetup Setup { get; }

    public string Name => Setup.Name;

    public string Address => Setup.Address;

    public TimeSpan StartedAt { get; }

    /// <summary>Made up anew for every process.</summary>
    public NodeId RunId { get; }

    /// <summary>How it ended; null while it runs.</summary>
    public ServerEnd? End { get; private set; }

    /// <summary>Called once, when it has ended for whatever reason.</summary>
    public Action<ServerEnd>? Ended { get; set; }

    public bool IsRunning => End is null;

    /// <summary>What is true of it now, or was when it ended.</summary>
    public ServerView View => new(this);

    /// <summary>SIGSTOP and SIGCONT.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set
        {
            _isPaused = value;
            Drain();
        }
    }

    internal RedisWorld World { get; }

    internal Simulator Simulator { get; }

    internal Random Random { get; }

    internal ServerConfig Config { get; }

    internal ServerProfile Profile => Setup.Profile;

    internal ClusterMember Cluster { get; }

    internal ReplicationState Replication { get; }

    internal ServerData Data { get; }

    /// <summary>The ACL file's users and passwords as it last read them; null where everybody is let in.</summary>
    internal IReadOnlyDictionary<string, string>? Users { get; private set; }

    internal TimeSpan Now => Simulator.Now;

    /// <summary>Whole seconds, as much of the server goes by them.</summary>
    internal long Seconds => (long)Simulator.Now.TotalSeconds;

    bool IsStalled => _isPaused || _isBlocked;

    /// <summary>SIGKILL; what it had written is in its files.</summary>
    public void Kill() => EndWith(new ServerEnd(137, "Error", ""));

    /// <summary>The host lost its power: what was not yet on its disk is lost, too.</summary>
    public void LosePower()
    {
        Data.LosePower();
        World.RemoveAddress(Address);
        EndWith(new ServerEnd(137, "Error", ""), isSilent: true);
    }

    /// <summary>SIGTERM: it lets its replicas catch up, for as long as shutdown-timeout says, and ends.</summary>
    public void Terminate() => Receive(() => new Shutdown(this).Begin());

    internal NodeId RandomId()
    {
        Span<byte> bytes = stackalloc byte[NodeId.TextLength / 2];
        Random.NextBytes(bytes);
        return NodeId.FromBytes(bytes);
    }

    internal void ReadUsersAgain() => Users = Setup.ReadUsers?.Invoke();

    /// <summary>Closes all connections of clients and replicas.</summary>
    internal void CutUsers()
    {
        World.CloseClients(this);
        Replication.DropReplicas();
    }

    internal void Start()
    {
        Cluster.Load();
        Data.Load();
    }

    /// <summary>Something that the process has to see to, as soon as it can.</summary>
    internal void Receive(Action action)
    {
        if (!IsRunning)
        {
            return;
        }

        if (IsStalled || _inbox.Count > 0)
        {
            _inbox.Enqueue(action);
            return;
        }

        TakeTurn(action);
    }

    /// <summary>A timer of the process: it goes off late while the process stands still, and never after its end.</summary>
    internal Appointment After(TimeSpan delay, Action action) => Simulator.After(delay, () => Receive(action));

    /// <summary>Takes nothing more until <see cref="Unblock()"/>.</summary>
    internal void Block() => _isBlocked = true;

    internal void Unblock() => Unblock(() => { });

    /// <param name="first">What it does before it takes what has arrived meanwhile; it may block it again.</param>
    internal void Unblock(Action first)
    {
        _isBlocked = false;
        first();
        Drain();
    }

    /// <summary>It ends by itself, with an error that it logs last.</summary>
    internal void Fail(string message) => EndWith(new ServerEnd(1, "Error", message));

    internal void Exit() => EndWith(new ServerEnd(0, "Completed", ""));

    internal void Trace(string what) => Simulator.Trace.Add(Name, what);

    void TakeTurn(Action action)
    {
        action();
        if (IsRunning)
        {
            Cluster.BeforeSleep();
        }
    }

    void Drain()
    {
        if (_isDraining)
        {
            return;
        }

        _isDraining = true;
        while (IsRunning && !IsStalled && _inbox.TryDequeue(out var action))
        {
            TakeTurn(action);
        }

        _isDraining = false;
    }

    /// <param name="end">How it ended.</param>
    /// <param name="isSilent">Whether the host ended with it: nobody closes its connections, and whoever waits for it waits on.</param>
    void EndWith(ServerEnd end, bool isSilent = false)
    {
        if (!IsRunning)
        {
            return;
        }

        End = end;
        _inbox.Clear();
        World.Remove(this);
        Trace(end.Message.Length > 0 ? $"ends: {end.Message}" : "ends");
        if (!isSilent)
        {
            Cluster.CloseLinks();
            Cluster.DropTransfers();
            Replication.CloseLinks();
            World.CloseClients(this);
        }

        Ended?.Invoke(end);
    }
}

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">128 + signal where a signal ended it.</param>
/// <param name="Reason">Completed or Error.</param>
/// <param name="Message">What it logged last.</param>
public sealed record ServerEnd(int ExitCode, string Reason, string Message);
