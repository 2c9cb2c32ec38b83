using System.Diagnostics;
using System.Globalization;

namespace Slotwise.Operator.Tests;

/// <summary>The program as users run it: a process of its own, in surroundings that know of no cluster.</summary>
sealed class SlotwiseProcess : IDisposable
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly Task<string> _errors;
    readonly Task<string> _output;

    SlotwiseProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static SlotwiseProcess Start(params string[] arguments) => Start([], arguments);

    static SlotwiseProcess Start(Dictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "slotwise"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment.Remove("KUBECONFIG");
        start.Environment.Remove("KUBERNETES_SERVICE_HOST");
        start.Environment["HOME"] = "/nonexistent";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new SlotwiseProcess(Process.Start(start)!);
    }

    public static Task<SlotwiseResult> RunAsync(params string[] arguments) => RunAsync([], arguments);

    public static async Task<SlotwiseResult> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return await process.EndAsync();
    }

    public bool IsRunning => !_process.HasExited;

    /// <summary>Asks it to end, as Kubernetes does.</summary>
    public async Task<SlotwiseResult> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    public async Task<SlotwiseResult> EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Bound);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"slotwise {string.Join(' ', _process.StartInfo.ArgumentList)} did not end within {Bound.TotalSeconds} s; it wrote: {await _output}{await _errors}");
        }

        return new SlotwiseResult(_process.ExitCode, await _output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}

sealed record SlotwiseResult(int ExitCode, string Output, string Errors);
