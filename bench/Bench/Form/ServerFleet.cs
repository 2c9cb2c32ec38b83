using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Bench.Form;

/// <summary>Bare redis-server processes, each on a loopback address of its own, as pods have theirs.</summary>
sealed class ServerFleet : IAsyncDisposable
{
    readonly List<Process> _processes = [];
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
        var command = program ?? ["redis-server"];
        var process = Process.Start(new ProcessStartInfo(command[0], [.. command.Skip(1), configFile]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-server did not start");
        _processes.Add(process);
        Addresses.Add(address);
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
}
