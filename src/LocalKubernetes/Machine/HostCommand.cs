using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Slotwise.LocalKubernetes.Machine;

/// <summary>Runs one of the system's programs to its end.</summary>
public static class HostCommand
{
    /// <param name="program">A name on the PATH or a full path.</param>
    /// <param name="arguments">Never a secret: arguments can be read by everybody.</param>
    /// <param name="input">Written to its standard input.</param>
    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="HostCommandException">It is missing, or it ended with a code other than 0.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without reading everything; its exit code and errors say why
        }

        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // what nobody waits for must not go on changing things
            process.Kill(entireProcessTree: true);
            throw;
        }

        var text = await output;
        return process.ExitCode == 0
            ? text
            : throw new HostCommandException($"{program} {string.Join(' ', start.ArgumentList)} failed with code {process.ExitCode}: {(await errors).Trim()}");
    }

    static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new HostCommandException($"{start.FileName} did not start");
        }
        catch (Win32Exception e)
        {
            throw new HostCommandException($"{start.FileName} cannot be run: {e.Message}", e);
        }
    }
}

/// <summary>A program of the system is missing or failed.</summary>
public sealed class HostCommandException(string message, Exception? innerException = null) : Exception(message, innerException);
