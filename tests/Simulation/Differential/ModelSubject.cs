using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Clients;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Differential;

/// <summary>The simulated servers.</summary>
sealed class ModelSubject : ISubject
{
    readonly Simulator _simulator;
    readonly RedisWorld _world;
    readonly SimulatedNodes _nodes;
    readonly ServerProfile _profile;
    readonly SortedDictionary<string, string> _directives = new(StringComparer.Ordinal);
    readonly ServerProcess?[] _servers;
    readonly Volume[] _volumes;
    readonly NameBook _names = new(Address);

    public ModelSubject(Simulator simulator, ServerProfile profile, int count, IEnumerable<(string Name, string Value)> directives)
    {
        _simulator = simulator;
        _world = new RedisWorld(simulator, new Network(simulator) { MaxDelay = TimeSpan.FromMilliseconds(0.2) });
        _nodes = _world.NodesFor("client");
        _profile = profile;
        foreach (var (name, value) in directives)
        {
            _directives[name] = value;
        }

        _servers = new ServerProcess?[count];
        _volumes = new Volume[count];
        for (var server = 0; server < count; server++)
        {
            Start(server, afresh: true);
        }
    }

    public int Count => _servers.Length;

    public TimeSpan Now => _simulator.Now;

    public async Task<RespValue?> SendAsync(int server, params string[] command)
    {
        try
        {
            var arguments = command.Select(argument => (RedisArgument)_names.Fill(argument)).ToArray();
            var node = _nodes.Get(new RedisEndpoint(Address(server), 6379), Address(server), null);
            var reply = (await node.ExecuteAsync([new RedisCommand(arguments)], TimeSpan.FromSeconds(10), CancellationToken.None))[0];
            Learn(server);
            return reply;
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }

    public Task KillAsync(int server)
    {
        _servers[server]!.Kill();
        _servers[server] = null;
        _nodes.Forget(Address(server));
        return Task.CompletedTask;
    }

    public Task StartAsync(int server, bool afresh)
    {
        Start(server, afresh);
        return Task.CompletedTask;
    }

    public Task PauseAsync(int server, bool isPaused)
    {
        _servers[server]!.IsPaused = isPaused;
        return Task.CompletedTask;
    }

    public Task WaitAsync(TimeSpan duration)
    {
        var done = new TaskCompletionSource();
        _simulator.After(duration, done.SetResult);
        return done.Task;
    }

    public bool IsUp(int server) => _servers[server] is { IsPaused: false };

    public string Translate(string text) => _names.Translate(text, Count);

    static string Address(int server) => string.Create(CultureInfo.InvariantCulture, $"10.0.0.{server + 1}");

    void Start(int server, bool afresh)
    {
        if (afresh)
        {
            _volumes[server] = new Volume(Address(server));
        }

        _servers[server] = _world.Start(new ServerSetup
        {
            Name = Address(server),
            Address = Address(server),
            BusPort = 17000,
            Volume = _volumes[server],
            Profile = _profile,
            Directives = _directives,
        });
        Learn(server);
    }

    void Learn(int server)
    {
        if (_servers[server] is { } process)
        {
            _names.Learn(server, process.View.Id.ToString());
        }
    }
}
