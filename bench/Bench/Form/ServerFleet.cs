using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Bench.Form;

/// <summary>Bare redis-server processes, each on a loopback address of its own, as pods have theirs.</summary>
sealed class ServerFleet : IAsyncDisposable
{
    readonly List<Process> _processes = [];
    readonly List<IReadOnlyList<string>> _commands = [];
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-bench-").FullName;

    /// <summary>The addresses, in the order in which the servers were started.</summary>
    public List<string> Addresses { get; } = [];

    /// <summary>Starts one server.</summary>
    /// <param name="network">The third number of its address, so that two fleets never meet.</param>
    /// <param name="configFile">Where its configuration is written.</param>
    /// <param name="config">Directives beside those every server gets.</param>
    /// <param name="program">The command line up to the server's own arguments; by default the redis-server on the PATH.</param>
    public void Start(int network, string configFile, string config, IReadOnlyList<string>? program = null)
    {
        var index = Addresses.Count + 1;
        var address = string.Create(CultureInfo.InvariantCulture, $"127.31.{network}.{index}");
        var data = Directory.CreateDirectory(Path.Combine(_directory, index.ToString(CultureInfo.InvariantCulture))).FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(configFile)!);
        File.WriteAllText(configFile, $"{config}\nbind {address}\ncluster-announce-ip {address}\ndir {data}\nport 6379\nlogfile {data}/log\n");
        _commands.Add([.. program ?? ["redis-server"], configFile]);
        _processes.Add(Start(_commands[^1]));
        Addresses.Add(address);
    }

    /// <summary>Sends a signal to one server's process.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="signal">Such as <c>KILL</c>.</param>
    public async Task SignalAsync(int index, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _processes[index].Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until a server has ended, and starts it again with what it left on disk.</summary>
    public async Task RestartAsync(int index, CancellationToken cancellationToken)
    {
        await _processes[index].WaitForExitAsync(cancellationToken);
        _processes[index].Dispose();
        _processes[index] = Start(_commands[index]);
    }

    /// <summary>A data directory that redis.conf may name for the servers of the operator's side.</summary>
    public string WriteFile(string name, byte[] content)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Waits until every server answers PING, at most 10 s.</summary>
    public async Task WaitUntilUpAsync(RedisConnectionPool pool, RedisCredentials? credentials, CancellationToken cancellationToken)
    {
        foreach (var address in Addresses)
        {
            var deadline = Stopwatch.GetTimestamp();
            while (true)
            {
                try
                {
                    var node = pool.Get(new RedisEndpoint(address, 6379), $"up-{address}", credentials);
                    await node.ExecuteAsync(ServerCommands.Ping, TimeSpan.FromSeconds(1), cancellationToken);
                    break;
                }
                catch (RedisConnectionException) when (Stopwatch.GetElapsedTime(deadline) < TimeSpan.FromSeconds(10))
                {
                    await Task.Delay(20, cancellationToken);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    static Process Start(IReadOnlyList<string> command) =>
        Process.Start(new ProcessStartInfo(command[0], [.. command.Skip(1)]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-server did not start");
}
