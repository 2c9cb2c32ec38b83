using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Nodes.Logs;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>A container as processes: bwrap outside, which reports the end, and the container's process 1.</summary>
sealed class BubblewrapContainer : IRunningContainer
{
    const int LongestOutput = 10 * 1024;

    // the programs that stand where the container's own will be while it is being set up
    static readonly string[] Launchers = ["setsid", "nsenter", "bwrap", "setpriv"];

    readonly ContainerSpec _spec;
    readonly Process _process;
    readonly OutputPump _pump;
    readonly ContainerLog _log;
    readonly TimeProvider _time;
    readonly Task _output;
    int _pid;
    string? _birth;

    public BubblewrapContainer(ContainerSpec spec, Process process, OutputPump pump, ContainerLog log, TimeProvider time)
    {
        _pump = pump;
        _spec = spec;
        _process = process;
        _log = log;
        _time = time;
        Id = $"bubblewrap://{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        StartedAt = time.GetUtcNow();
        _output = Task.WhenAll(
            pump.CopyAsync(process.StandardOutput, text => log.Write("stdout", text)),
            pump.CopyAsync(process.StandardError, text => log.Write("stderr", text)));
        Exit = WaitForExitAsync();
    }

    public string Id { get; }

    public DateTimeOffset StartedAt { get; private set; }

    public Task<ContainerExit> Exit { get; }

    /// <summary>The number of the container's process 1 on the host; 0 while it is not known.</summary>
    public int ProcessId => _pid;

    public async Task WaitUntilStartedAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (_time.GetElapsedTime(began) < timeout)
        {
            if (Exit.IsCompleted)
            {
                await ThrowIfNotStartedAsync();
                return;
            }

            if (_pid == 0)
            {
                _pid = FindChild(_process.Id);
                _birth = ReadBirth(_pid);
            }

            if (_pid != 0 && ReadProgram(_pid) is { } program && !Launchers.Contains(program))
            {
                StartedAt = _time.GetUtcNow();
                return;
            }

            await Task.WhenAny(Exit, Task.Delay(TimeSpan.FromMilliseconds(1), _time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        throw new ContainerStartException("CreateContainerError", $"the container was not set up within {timeout.TotalSeconds:0} s: {_log.FirstErrors}");
    }

    public void Signal(int signal)
    {
        if (Exit.IsCompleted)
        {
            return;
        }

        // bwrap's own number until the child is known: it takes the child along
        if (_pid != 0)
        {
            SystemCalls.TrySignal(_pid, signal);
        }
        else if (signal == SystemCalls.SignalKill)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public void Pause(bool paused)
    {
        var own = ReadLink(_pid, "ns/pid");
        if (Exit.IsCompleted || own is null)
        {
            return;
        }

        // a server's children save its data: they stop with it
        foreach (var process in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName))
        {
            if (int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && ReadLink(pid, "ns/pid") == own)
            {
                SystemCalls.TrySignal(pid, paused ? SystemCalls.SignalStop : SystemCalls.SignalContinue);
            }
        }
    }

    public async Task<ExecResult> ExecuteAsync(IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Exit.IsCompleted || _pid == 0)
        {
            return new ExecResult(-1, "the container is not running", TimedOut: false);
        }

        var arguments = BubblewrapArguments.Execute(_spec, _pid, command);
        using var process = BubblewrapRuntime.Start(arguments[0], [.. arguments.Skip(1)], _spec.Environment);
        process.StandardInput.Close();
        using var late = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var beginning = new Beginning(LongestOutput);
        var output = Task.WhenAll(_pump.CopyAsync(process.StandardOutput, beginning.Add), _pump.CopyAsync(process.StandardError, beginning.Add));
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            KillProgram(process);
            cancellationToken.ThrowIfCancellationRequested();
            return new ExecResult(-1, "", TimedOut: true);
        }

        // something it left running may hold the streams open
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromMilliseconds(100), _time, cancellationToken));
        return new ExecResult(process.ExitCode, beginning.ToString(), TimedOut: false);
    }

    public IPodProgram StartProgram(IReadOnlyList<string> command, bool hasInput, bool hasTerminal)
    {
        if (Exit.IsCompleted || _pid == 0)
        {
            throw new ContainerStartException("NotRunning", "the container is not running");
        }

        if (!FindProgram.TryFind(command[0], $"/proc/{_pid}/root", _spec.WorkingDirectory, _spec.Environment, out var error))
        {
            throw new ContainerStartException("StartError", error);
        }

        var terminal = hasTerminal ? new Terminal() : null;
        var spec = hasTerminal && !_spec.Environment.ContainsKey("TERM") ? _spec with { Environment = new Dictionary<string, string>(_spec.Environment) { ["TERM"] = "xterm" } } : _spec;
        var arguments = BubblewrapArguments.Execute(spec, _pid, command, terminal?.ProgramSide);
        var process = BubblewrapRuntime.Start(arguments[0], [.. arguments.Skip(1)], spec.Environment);
        return new ContainerProgram(process, terminal, hasInput, () => KillProgram(process));
    }

    public async ValueTask DisposeAsync()
    {
        Signal(SystemCalls.SignalKill);
        await Exit;
        _log.Dispose();
        _process.Dispose();
    }

    async Task<ContainerExit> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        var at = _time.GetUtcNow();
        // when bwrap itself was killed its child lives on, unwatched
        if (_pid != 0 && ReadBirth(_pid) == _birth)
        {
            SystemCalls.TrySignal(_pid, SystemCalls.SignalKill);
        }

        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromSeconds(1), _time));
        return new ContainerExit(_process.ExitCode, at);
    }

    async Task ThrowIfNotStartedAsync()
    {
        var exit = await Exit;
        var complaint = _log.FirstErrors;
        if (exit.Code is 126 or 127 && complaint.StartsWith("setpriv: failed to execute", StringComparison.Ordinal))
        {
            var program = _spec.Command[0];
            var why = complaint.EndsWith("Permission denied", StringComparison.Ordinal) ? $"exec: \"{program}\": permission denied"
                : program.Contains('/', StringComparison.Ordinal) ? $"exec: \"{program}\": stat {program}: no such file or directory"
                : FindProgram.NotInPath(program);
            throw new ContainerStartException("StartError", $"failed to create task: OCI runtime create failed: unable to start container process: error during container init: {why}");
        }

        if (exit.Code != 0 && (complaint.StartsWith("bwrap: ", StringComparison.Ordinal) || complaint.StartsWith("setpriv: ", StringComparison.Ordinal) || complaint.StartsWith("nsenter: ", StringComparison.Ordinal)))
        {
            throw new ContainerStartException("CreateContainerError", complaint);
        }
    }

    static void KillProgram(Process process)
    {
        // nsenter waits for its child, which is in another process namespace and outlives it
        var child = FindChild(process.Id);
        if (child != 0)
        {
            SystemCalls.TrySignal(child, SystemCalls.SignalKill);
        }

        process.Kill(entireProcessTree: true);
    }

    /// <summary>When a process was born, which tells it from a later one with its number; null when there is none.</summary>
    static string? ReadBirth(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // the name, in parentheses, may hold anything; the 20th field after it is the time of birth
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is { Length: > 19 } fields ? fields[19] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    static string? ReadProgram(int pid) => ReadLink(pid, "exe");

    /// <summary>The last part of what a link in a process's directory points at; null when there is no such process.</summary>
    static string? ReadLink(int pid, string name)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/{name}", returnFinalTarget: false)?.Name;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static int FindChild(int pid)
    {
        try
        {
            var children = File.ReadAllText($"/proc/{pid}/task/{pid}/children");
            var end = children.IndexOf(' ', StringComparison.Ordinal);
            return end > 0 ? int.Parse(children.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Keeps the beginning of a text and drops the rest.</summary>
    sealed class Beginning(int longest)
    {
        readonly Lock _gate = new();
        readonly StringBuilder _text = new();

        public void Add(ReadOnlySpan<char> text)
        {
            lock (_gate)
            {
                _text.Append(text[..Math.Min(text.Length, longest - _text.Length)]);
            }
        }

        public override string ToString()
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }
}
