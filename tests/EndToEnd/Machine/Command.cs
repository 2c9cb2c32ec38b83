using System.ComponentModel;
using System.Diagnostics;

namespace Slotwise.EndToEnd.Machine;

/// <summary>What a program that ended left.</summary>
sealed record CommandResult(string Line, int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"{Line}: exit code {ExitCode}\n{Output}{Errors}";
}

/// <summary>Programs that are run to their end.</summary>
static class Command
{
    /// <summary>No command of these tests takes longer by itself, on a loaded machine either.</summary>
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var line = $"{program} {string.Join(' ', start.ArgumentList)}";
        using var process = Start(start, line);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var late = new CancellationTokenSource(Bound);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{line} did not end within {Bound.TotalSeconds} s");
        }

        return new CommandResult(line, process.ExitCode, await output, await errors);
    }

    static Process Start(ProcessStartInfo start, string line)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException($"{line} cannot be run ({error.Message}); `make setup` installs what the tests need", error);
        }
    }
}
