using System.Diagnostics;
using System.Globalization;

namespace Slotwise.EndToEnd.Machine;

/// <summary>One of the project's programs, as built, running as a process of its own. What it says last is kept.</summary>
sealed class RunningProgram : IDisposable
{
    const int LinesKept = 80;

    static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(40);

    readonly Process _process;
    readonly Queue<string> _lines = new();
    readonly Queue<string> _output = new();
    readonly string _name;

    RunningProgram(string name, Process process)
    {
        _name = name;
        _process = process;
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>The last lines that it wrote.</summary>
    public string Tail
    {
        get
        {
            lock (_lines)
            {
                return $"--- {_name}, process {_process.Id}{(HasEnded ? $", ended with {_process.ExitCode}" : "")}; it wrote last:\n{string.Join('\n', _lines)}\n";
            }
        }
    }

    /// <summary>The last lines of its standard output.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_lines)
            {
                return [.. _output];
            }
        }
    }

    /// <param name="name">The program's name; it is built beside the tests.</param>
    public static RunningProgram Start(string name, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, name), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        var program = new RunningProgram(name, new Process { StartInfo = start });
        program._process.OutputDataReceived += (_, line) => program.Keep(line.Data, program._output, program._lines);
        program._process.ErrorDataReceived += (_, line) => program.Keep(line.Data, program._lines);
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Asks it to end, as Kubernetes does. It must, and without an error.</summary>
    public async Task TerminateAsync()
    {
        if (await EndAsync() != 0)
        {
            throw new InvalidOperationException($"{_name} ended with exit code {_process.ExitCode}\n{Tail}");
        }
    }

    /// <summary>Asks it to end, as Kubernetes does. It must, one way or another.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        if (!HasEnded)
        {
            await Command.RunAsync("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        }

        using var late = new CancellationTokenSource(EndsWithin);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            throw new TimeoutException($"{_name} did not end within {EndsWithin.TotalSeconds} s after SIGTERM\n{Tail}");
        }

        return _process.ExitCode;
    }

    /// <summary>Takes its life, as the kernel does: it notices nothing.</summary>
    public void Kill()
    {
        if (!HasEnded)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    void Keep(string? line, params ReadOnlySpan<Queue<string>> queues)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            foreach (var queue in queues)
            {
                queue.Enqueue(line);
                if (queue.Count > LinesKept)
                {
                    queue.Dequeue();
                }
            }
        }
    }
}
