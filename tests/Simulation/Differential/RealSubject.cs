using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;
using Slotwise.Testing;

namespace Slotwise.Simulation.Differential;

/// <summary>Real servers, each on a loopback address of its own and with a directory of its own. They end with this process, however that ends.</summary>
sealed class RealSubject : ISubject, IAsyncDisposable
{
    // the shell outlives nobody: its input closes when this process is gone
    const string RunUntilInputCloses = "\"$@\" >/dev/null & echo $!; read -r _; kill -9 $! 2>/dev/null; wait";

    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    static int _subjects;

    readonly ServerProgram _program;
    readonly IReadOnlyList<(string Name, string Value)> _directives;
    readonly int _number = Interlocked.Increment(ref _subjects);
    readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("slotwise-differential-");
    readonly Process?[] _shells;
    readonly string[] _processes;
    readonly bool[] _paused;
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly RedisConnectionPool _pool = new();
    readonly NameBook _names;
    int _folders;

    RealSubject(ServerProgram program, int count, IEnumerable<(string Name, string Value)> directives)
    {
        _program = program;
        _directives = [.. directives];
        _shells = new Process?[count];
        _processes = new string[count];
        _paused = new bool[count];
        Folders = new string[count];
        _names = new NameBook(Address);
    }

    public int Count => _shells.Length;

    public TimeSpan Now => _clock.Elapsed;

    string[] Folders { get; }

    /// <summary>A server of that version; the test is skipped where there is none, other than of the one that the tests need anyway.</summary>
    public static ServerProgram FindOrSkip(string product, string version)
    {
        try
        {
            return ServerPrograms.Find(product, version);
        }
        catch (InvalidOperationException e) when ((product, version) != ("redis", "7.0"))
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    public static async Task<RealSubject> StartAsync(ServerProgram program, int count, IEnumerable<(string Name, string Value)> directives)
    {
        var subject = new RealSubject(program, count, directives);
        try
        {
            for (var server = 0; server < count; server++)
            {
                await subject.StartAsync(server, afresh: true);
            }

            return subject;
        }
        catch
        {
            await subject.DisposeAsync();
            throw;
        }
    }

    public async Task<RespValue?> SendAsync(int server, params string[] command)
    {
        if (!IsUp(server))
        {
            return null;
        }

        try
        {
            var arguments = command.Select(argument => (RedisArgument)_names.Fill(argument)).ToArray();
            var reply = (await Node(server).ExecuteAsync([new RedisCommand(arguments)], TimeSpan.FromSeconds(10), CancellationToken.None))[0];
            if (command is ["CLUSTER", "RESET", ..])
            {
                await LearnAsync(server);
            }

            return reply;
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }

    public async Task KillAsync(int server)
    {
        if (_shells[server] is { } shell)
        {
            shell.StandardInput.Close();
            await shell.WaitForExitAsync();
            shell.Dispose();
            _shells[server] = null;
            _pool.Forget(Address(server));
        }
    }

    public async Task StartAsync(int server, bool afresh)
    {
        if (afresh)
        {
            Folders[server] = _directory.CreateSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{_folders++}")).FullName;
        }

        string[] command =
        [
            "-c", RunUntilInputCloses, "sh", .. _program.Server,
            "--port", "6379", "--cluster-port", "17000", "--bind", Address(server), "--cluster-announce-ip", Address(server), "--cluster-enabled", "yes",
            "--dir", Folders[server], "--logfile", "server.log", "--save", "", "--protected-mode", "no",
            .. _directives.SelectMany(directive => new[] { "--" + directive.Name, directive.Value }),
        ];
        var shell = Process.Start(new ProcessStartInfo("sh", command) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _shells[server] = shell;
        _processes[server] = (await shell.StandardOutput.ReadLineAsync())!;
        var started = Stopwatch.StartNew();
        while (!await TryLearnAsync(server))
        {
            if (started.Elapsed > StartTimeout)
            {
                throw new InvalidOperationException($"{_program.Server[^1]} did not start: {await File.ReadAllTextAsync(Path.Combine(Folders[server], "server.log"))}");
            }

            await Task.Delay(20);
        }
    }

    public async Task PauseAsync(int server, bool isPaused)
    {
        _paused[server] = isPaused;
        using var kill = Process.Start("kill", [isPaused ? "-STOP" : "-CONT", _processes[server]]);
        await kill.WaitForExitAsync();
    }

    public Task WaitAsync(TimeSpan duration) => Task.Delay(duration);

    public bool IsUp(int server) => _shells[server] is not null && !_paused[server];

    public string Translate(string text) => _names.Translate(text, Count);

    public async ValueTask DisposeAsync()
    {
        for (var server = 0; server < Count; server++)
        {
            await KillAsync(server);
        }

        await _pool.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    // 127.0.0.0/8 is all loopback: so every subject of every process has addresses of its own.
    string Address(int server) => string.Create(CultureInfo.InvariantCulture, $"127.{10 + (Environment.ProcessId % 200)}.{_number}.{server + 1}");

    IRedisNode Node(int server) => _pool.Get(new RedisEndpoint(Address(server), 6379), Address(server), null);

    async Task<bool> TryLearnAsync(int server)
    {
        try
        {
            await LearnAsync(server);
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }

    async Task LearnAsync(int server) => _names.Learn(server, (await Node(server).ExecuteAsync(ClusterCommands.MyId, TimeSpan.FromSeconds(2), CancellationToken.None)).ToString());
}
