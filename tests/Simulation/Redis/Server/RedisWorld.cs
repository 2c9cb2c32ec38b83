using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Clients;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Redis.Server;

/// <summary>All redis-server processes of a run, by address, and the ways to reach them.</summary>
public sealed class RedisWorld(Simulator simulator, Network network)
{
    static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    static readonly TimeSpan NoRoute = TimeSpan.FromSeconds(3);

    readonly SortedDictionary<string, ServerProcess> _running = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, ServerProcess> _last = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, int> _incarnations = new(StringComparer.Ordinal);
    readonly SortedSet<string> _addresses = new(StringComparer.Ordinal);
    readonly List<ClientConnection> _clients = [];
    ServerProcess[]? _runningNow;

    /// <summary>The processes that run, by address.</summary>
    public IReadOnlyList<ServerProcess> Running => _runningNow ??= [.. _running.Values];

    /// <summary>
    /// Asked about every command before it takes effect: whether it takes effect, and whether the connection breaks. May also do anything to the world.
    /// </summary>
    public Func<CommandSeen, Interruption>? Judge { get; set; }

    /// <summary>Told of every command that was carried out, with its answer.</summary>
    public Action<CommandSeen, Slotwise.Redis.RespValue>? Answered { get; set; }

    /// <summary>Whether something takes a server's memory away that comes and goes faster than anybody can see, such as the buffers of clients.</summary>
    public Func<ServerProcess, bool> LacksMemory { get; set; } = _ => false;

    /// <summary>How fast a full copy goes, in bytes per second.</summary>
    public double SyncBytesPerSecond { get; set; } = 20e6;

    /// <summary>How long a full copy takes at least: fork, write and read.</summary>
    public TimeSpan SyncMinimum { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How fast a server reads its files at its start, in bytes per second.</summary>
    public double LoadBytesPerSecond { get; set; } = 50e6;

    /// <summary>How long reading files takes at least.</summary>
    public TimeSpan LoadMinimum { get; set; } = TimeSpan.FromMilliseconds(10);

    internal Simulator Simulator => simulator;

    /// <summary>What servers' clocks show at the beginning of the run.</summary>
    internal DateTimeOffset Epoch { get; } = simulator.Time.GetUtcNow() - simulator.Now;

    internal Network Network => network;

    /// <summary>Starts a process; it loads what its volume has.</summary>
    /// <exception cref="InvalidOperationException">Another one runs at the address.</exception>
    public ServerProcess Start(ServerSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        if (_running.ContainsKey(setup.Address))
        {
            throw new InvalidOperationException($"a server runs at {setup.Address} already");
        }

        var incarnation = _incarnations.GetValueOrDefault(setup.Name) + 1;
        _incarnations[setup.Name] = incarnation;
        var process = new ServerProcess(this, setup, incarnation);
        _running[setup.Address] = _last[setup.Address] = process;
        _runningNow = null;
        _addresses.Add(setup.Address);
        process.Trace("starts");
        process.Start();
        return process;
    }

    /// <summary>The process at an address; null where none runs.</summary>
    public ServerProcess? Find(string address) => _running.GetValueOrDefault(address);

    /// <summary>The newest process that there was at an address, also when it has ended; null where there was none.</summary>
    public ServerProcess? FindLast(string address) => _last.GetValueOrDefault(address);

    /// <summary>The address is gone, as a pod's is after its end: whoever connects hears nothing instead of a refusal.</summary>
    public void RemoveAddress(string address) => _addresses.Remove(address);

    /// <summary>The port through which somebody at an address reaches the servers.</summary>
    /// <param name="from">The operator's address, or a pod's.</param>
    public SimulatedNodes NodesFor(string from) => new(this, from);

    internal void Remove(ServerProcess process)
    {
        _running.Remove(process.Address);
        _runningNow = null;
    }

    internal void Register(ClientConnection connection) => _clients.Add(connection);

    internal void Unregister(ClientConnection connection) => _clients.Remove(connection);

    internal void CloseClients(ServerProcess process)
    {
        foreach (var connection in _clients.Where(connection => connection.Process == process).ToList())
        {
            connection.CloseByServer();
        }
    }

    /// <summary>
    /// Connects as TCP does: refused where the address has nobody at that port, no answer for long where there is no such address, and tried again while
    /// packets are lost.
    /// </summary>
    /// <param name="from">Who connects.</param>
    /// <param name="to">Whereto.</param>
    /// <param name="port">Whereto.</param>
    /// <param name="isWanted">False once nobody waits for the outcome.</param>
    /// <param name="done">Called with the process, or null if it was refused.</param>
    internal void Dial(string from, string to, int port, Func<bool> isWanted, Action<ServerProcess?> done) => Dial(from, to, port, FirstRetry, isWanted, done);

    /// <summary>A packet that is not sent again.</summary>
    internal void Answer(string from, string to, Action arrive)
    {
        if (_addresses.Contains(from) && network.Reaches(from, to))
        {
            simulator.After(network.NextDelay(), arrive);
        }
    }

    internal Wire NewWire(string from, string to) => new(simulator, network, from, to);

    void Dial(string from, string to, int port, TimeSpan retry, Func<bool> isWanted, Action<ServerProcess?> done)
    {
        if (!network.Reaches(from, to) || !network.Reaches(to, from) || network.LosesNext())
        {
            simulator.After(retry, () =>
            {
                if (isWanted())
                {
                    Dial(from, to, port, retry + retry, isWanted, done);
                }
            });
            return;
        }

        simulator.After(network.NextDelay(), () =>
        {
            var process = Find(to);
            if (process is not null && (process.Setup.Port == port || process.Setup.BusPort == port))
            {
                simulator.After(network.NextDelay(), () => done(process));
            }
            else
            {
                simulator.After(_addresses.Contains(to) ? network.NextDelay() : NoRoute, () => done(null));
            }
        });
    }
}

/// <summary>A command that has reached a server.</summary>
/// <param name="From">Who sent it: the address of an operator, a client or a pod.</param>
/// <param name="Process">Who got it.</param>
/// <param name="Command">What it is.</param>
/// <param name="IsWrite">Whether it can change anything.</param>
public readonly record struct CommandSeen(string From, ServerProcess Process, Slotwise.Redis.RedisCommand Command, bool IsWrite)
{
    /// <summary>Whether it was answered with an error.</summary>
    public bool IsRefused { get; init; }
}

/// <summary>What happens to a command and its connection.</summary>
public enum Interruption
{
    None,

    /// <summary>The connection breaks before the command takes effect.</summary>
    BeforeEffect,

    /// <summary>It takes effect, and the connection breaks before it is answered.</summary>
    AfterEffect,
}
