using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Nodes.Logs;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>Runs containers as processes of this machine.</summary>
/// <remarks>Memory and CPU limits are recorded and told to the container, not enforced: that would take a cgroup.</remarks>
public sealed class BubblewrapRuntime(LogBook logs, TimeProvider time) : IContainerRuntime, IDisposable
{
    readonly OutputPump _pump = new();

    // how long a start may take on a machine that is busy with sixty of them
    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    public async Task<IRunningContainer> StartAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        foreach (var directory in spec.Image.Directories)
        {
            var source = BubblewrapArguments.ImageDirectorySource(spec, directory.Path);
            Directory.CreateDirectory(source);
            SystemCalls.ChangeOwner(source, directory.User, directory.Group);
        }

        var log = logs.Open(spec.LogPath);
        var process = Start(BubblewrapArguments.Program, BubblewrapArguments.Start(spec, Path.Exists), spec.Environment);
        process.StandardInput.Close();
        var container = new BubblewrapContainer(spec, process, _pump, log, time);
        try
        {
            await container.WaitUntilStartedAsync(StartTimeout, cancellationToken);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public void Dispose() => _pump.Dispose();

    internal static Process Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ContainerStartException("CreateContainerError", string.Create(CultureInfo.InvariantCulture, $"{program} cannot be run: {e.Message}"));
        }
    }
}
