using System.Diagnostics;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>Several local clusters on one machine, and ones that die at any moment: needs root, iproute2, nftables and bubblewrap.</summary>
public sealed class InstancesTests
{
    [Fact]
    public async Task Four_at_once_never_meet_and_the_death_of_one_leaves_the_others_alone()
    {
        var scratches = Enumerable.Range(0, 4).Select(_ => new ScratchInstance()).ToList();
        var programs = new List<Process>();
        try
        {
            programs.AddRange(scratches.Select(Start));
            await Task.WhenAll(programs.Select(WaitUntilUpAsync));
            var pods = await Task.WhenAll(scratches.Select(scratch => RunPodAsync(scratch, "one")));
            Assert.Equal(4, pods.Select(pod => pod.Status!.PodIP).Distinct().Count());
            Assert.Equal(4, scratches.Select(scratch => scratch.Instance.Name).Distinct().Count());

            programs[0].Kill();
            await programs[0].WaitForExitAsync();

            foreach (var scratch in scratches.Skip(1))
            {
                await RunPodAsync(scratch, "two");
            }
        }
        finally
        {
            foreach (var program in programs)
            {
                program.Kill();
                await program.WaitForExitAsync();
                program.Dispose();
            }

            foreach (var scratch in scratches)
            {
                await scratch.DisposeAsync();
            }
        }
    }

    [Theory]
    [InlineData(50)]
    [InlineData(400)]
    [InlineData(900)]
    public async Task Whoever_dies_while_it_starts_can_be_started_again(int milliseconds)
    {
        await using var scratch = new ScratchInstance();
        using (var first = Start(scratch))
        {
            await Task.Delay(milliseconds);
            first.Kill();
            await first.WaitForExitAsync();
        }

        using var second = Start(scratch);
        await WaitUntilUpAsync(second);
        await RunPodAsync(scratch, "one");
        second.Kill();
        await second.WaitForExitAsync();
    }

    static Process Start(ScratchInstance scratch) =>
        Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "localkube"), ["up", "--port", "0", "--state", scratch.Instance.StateDirectory]) { RedirectStandardOutput = true })!;

    static async Task WaitUntilUpAsync(Process program)
    {
        while (await program.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) is { } line)
        {
            if (line.Contains("Ctrl-C", StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException($"localkube ended with code {program.ExitCode}");
    }

    static async Task<V1Pod> RunPodAsync(ScratchInstance scratch, string name)
    {
        using var client = new KubernetesClient(KubernetesConfiguration.Load(Path.Combine(scratch.Instance.StateDirectory, "kubeconfig"), null, TimeProvider.System), TimeProvider.System);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await client.CreateAsync(NodeFixture.Shell(name, "exec sleep 1000", spec: spec => spec with { NodeName = null }), late.Token);
        while (true)
        {
            var pod = await client.GetAsync<V1Pod>("default", name, late.Token);
            if (NodeFixture.IsReady(pod))
            {
                return pod;
            }

            await Task.Delay(50, late.Token);
        }
    }
}
