using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Slotwise.Redis.Tests;

/// <summary>A real redis-server on loopback with a directory of its own. It ends with this process, however that ends.</summary>
sealed class RedisServer : IAsyncDisposable
{
    // the shell outlives nobody: its input closes when this process is gone
    const string RunUntilInputCloses = "\"$@\" & read -r _; kill -9 $! 2>/dev/null; wait";

    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    readonly Process _shell;
    readonly DirectoryInfo _directory;

    RedisServer(Process shell, DirectoryInfo directory, RedisEndpoint endpoint)
    {
        _shell = shell;
        _directory = directory;
        Endpoint = endpoint;
    }

    public RedisEndpoint Endpoint { get; }

    public int BusPort => Endpoint.Port + 10000;

    /// <summary>Starts a server, in cluster mode, and waits until it answers.</summary>
    /// <param name="arguments">Directives as on the command line, such as <c>--requirepass x</c>.</param>
    public static Task<RedisServer> StartAsync(params string[] arguments)
    {
        RequireInstalled();
        return StartAsync(["redis-server"], arguments);
    }

    /// <summary>Starts a server of a certain version, in cluster mode, and waits until it answers.</summary>
    /// <param name="program">The command line up to the server's own arguments.</param>
    /// <param name="arguments">Directives as on the command line.</param>
    public static async Task<RedisServer> StartAsync(IReadOnlyList<string> program, params string[] arguments)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = Launch(program, FreePort(), arguments);
            if (await server.AnswersAsync())
            {
                return server;
            }

            var log = server.Log();
            await server.DisposeAsync();

            // somebody else may have taken the port in the meantime
            if (attempt == 3)
            {
                throw new InvalidOperationException($"{program[^1]} did not start:\n{log}");
            }
        }
    }

    public Task<RedisConnection> ConnectAsync(RedisCredentials? credentials = null) =>
        RedisConnection.ConnectAsync(Endpoint, credentials, new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(10) });

    /// <summary>Ends the process at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _directory.Delete(recursive: true);
    }

    static void RequireInstalled()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (!path.Split(':').Any(folder => File.Exists(Path.Combine(folder, "redis-server"))))
        {
            throw new InvalidOperationException("These tests run real servers, but there is no redis-server on the PATH: install it, on Debian with 'apt-get install redis-server'.");
        }
    }

    static RedisServer Launch(IReadOnlyList<string> program, int port, string[] arguments)
    {
        var directory = Directory.CreateTempSubdirectory("slotwise-redis-");
        string[] command =
        [
            "-c", RunUntilInputCloses, "sh", .. program,
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--cluster-enabled", "yes",
            "--dir", directory.FullName, "--logfile", "server.log", "--save", "", "--appendonly", "no", .. arguments,
        ];
        var start = new ProcessStartInfo("sh", command) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new RedisServer(Process.Start(start)!, directory, new RedisEndpoint("127.0.0.1", port));
    }

    async Task<bool> AnswersAsync()
    {
        for (var start = Stopwatch.StartNew(); start.Elapsed < StartTimeout && !HasGivenUp();)
        {
            try
            {
                await using var connection = await RedisConnection.ConnectAsync(Endpoint);
                return true;
            }
            catch (RedisConnectionException)
            {
                await Task.Delay(10);
            }
        }

        return false;
    }

    bool HasGivenUp()
    {
        var log = Log();
        return log.Contains("Exiting", StringComparison.OrdinalIgnoreCase) || log.Contains("Fatal", StringComparison.OrdinalIgnoreCase);
    }

    string Log()
    {
        var file = Path.Combine(_directory.FullName, "server.log");
        return File.Exists(file) ? File.ReadAllText(file) : "(no log)";
    }

    // the bus listens 10000 above; both stay below the ports that the kernel gives to outgoing connections
    static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(12000, 22000);
            if (IsFree(port) && IsFree(port + 10000))
            {
                return port;
            }
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
