using System.Diagnostics;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>The program itself, stopped and killed: needs root, iproute2 and bubblewrap.</summary>
public sealed class CrashTests : IAsyncDisposable
{
    readonly ScratchInstance _scratch = new();

    string Kubeconfig => Path.Combine(_scratch.Instance.StateDirectory, "kubeconfig");

    public ValueTask DisposeAsync() => _scratch.DisposeAsync();

    [Theory]
    [InlineData("-INT")]
    [InlineData("-KILL")]
    public async Task Nothing_of_it_outlives_the_program_and_it_starts_again(string signal)
    {
        for (var life = 0; life < 2; life++)
        {
            File.Delete(Kubeconfig);
            using var program = await StartAsync();
            using (var client = new KubernetesClient(KubernetesConfiguration.Load(Kubeconfig, null, TimeProvider.System), TimeProvider.System))
            {
                await RunPodAsync(client);
            }

            Assert.NotEmpty(await LeftAsync());
            using var kill = Process.Start("kill", [signal, $"{program.Id}"]);
            await program.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            await EventuallyEmptyAsync();
        }
    }

    async Task<Process> StartAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "localkube"), ["up", "--port", "0", "--state", _scratch.Instance.StateDirectory])
        {
            RedirectStandardOutput = true,
        };
        var program = Process.Start(start)!;
        // it says so when it is up
        while (await program.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) is { } line)
        {
            if (line.Contains("Ctrl-C", StringComparison.Ordinal))
            {
                return program;
            }
        }

        throw new InvalidOperationException($"localkube ended with code {program.ExitCode}");
    }

    static async Task RunPodAsync(KubernetesClient client)
    {
        await client.CreateAsync(NodeFixture.Shell("lasting", "trap 'exit 0' TERM; while :; do sleep 0.1; done", spec: spec => spec with { NodeName = null, SecurityContext = new V1PodSecurityContext { RunAsUser = 1234 } }), CancellationToken.None);
        using var late = new CancellationTokenSource(NodeFixture.Patience);
        while (!NodeFixture.IsReady(await client.GetAsync<V1Pod>("default", "lasting", late.Token)))
        {
            await Task.Delay(20, late.Token);
        }
    }

    /// <summary>Namespaces, interfaces, mounts, processes and memory files that bear the instance's name or directory.</summary>
    async Task<List<string>> LeftAsync()
    {
        var (name, directory) = (_scratch.Instance.Name, _scratch.Instance.StateDirectory);
        var left = new List<string>();
        left.AddRange(Directory.Exists("/run/netns") ? Directory.EnumerateFiles("/run/netns", name + "-*") : []);
        left.AddRange((await HostCommand.RunAsync("ip", ["-o", "link"], null, CancellationToken.None)).Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal)));
        left.AddRange(File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(name, StringComparison.Ordinal) || line.Contains(directory, StringComparison.Ordinal)));
        left.AddRange(Directory.EnumerateDirectories("/proc").Where(process => int.TryParse(Path.GetFileName(process), out _)).Where(process => Mentions(process, name, directory)));
        left.AddRange(Path.Exists(_scratch.Instance.MemoryDirectory) ? [_scratch.Instance.MemoryDirectory] : []);
        left.AddRange(Path.Exists(_scratch.Instance.PodsDirectory) ? Directory.EnumerateFileSystemEntries(_scratch.Instance.PodsDirectory) : []);
        return left;
    }

    static bool Mentions(string process, string name, string directory)
    {
        try
        {
            var text = File.ReadAllText($"{process}/cmdline") + File.ReadAllText($"{process}/mountinfo");
            return text.Contains(name, StringComparison.Ordinal) || text.Contains(directory, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    async Task EventuallyEmptyAsync()
    {
        var began = Stopwatch.GetTimestamp();
        List<string> left;
        while ((left = await LeftAsync()).Count > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(15), $"left behind: {string.Join("; ", left)}");
            await Task.Delay(50);
        }
    }
}
