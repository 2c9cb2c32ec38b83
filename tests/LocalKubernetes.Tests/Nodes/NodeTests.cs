using System.Diagnostics;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>Pods as objects become processes: needs root, iproute2 and bubblewrap.</summary>
public sealed class NodeTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_pod_runs_becomes_ready_and_goes_without_a_trace()
    {
        await node.CreateAsync(NodeFixture.Shell("plain", "trap 'exit 0' TERM; echo hello; while :; do sleep 0.05; done"));
        var ready = await node.WaitAsync("plain", NodeFixture.IsReady);
        Assert.Equal("Running", ready.Status!.Phase);
        var status = Assert.Single(ready.Status.ContainerStatuses!);
        Assert.True(status is { Ready: true, Started: true, RestartCount: 0 });
        Assert.StartsWith("bubblewrap://", status.ContainerID);
        Assert.Equal(node.Node.Address, ready.Status.HostIP);
        Assert.Equal(ready.Status.PodIP, Assert.Single(ready.Status.PodIPs!).Ip);
        Assert.Equal(["hello"], await node.LogAsync(ready));

        await node.Api.DeleteAsync<V1Pod>("default", "plain", new DeleteOptions(), CancellationToken.None);
        await node.WaitGoneAsync("plain");
        Assert.False(Directory.Exists(Path.Combine(node.Scratch.Instance.PodsDirectory, ready.Metadata.Uid!)));
    }

    [Fact]
    public async Task Twenty_pods_at_once()
    {
        var began = Stopwatch.GetTimestamp();
        var names = Enumerable.Range(0, 20).Select(i => $"many-{i}").ToList();
        await Task.WhenAll(names.Select(name => node.CreateAsync(NodeFixture.Shell(name, "exec sleep 1000", spec: spec => spec with { TerminationGracePeriodSeconds = 0 }))));
        var pods = await Task.WhenAll(names.Select(name => node.WaitAsync(name, NodeFixture.IsReady)));
        TestContext.Current.SendDiagnosticMessage($"20 pods ready after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
        Assert.Equal(20, pods.Select(pod => pod.Status!.PodIP).Distinct().Count());
        await Task.WhenAll(names.Select(name => node.Api.DeleteAsync<V1Pod>("default", name, new DeleteOptions(), CancellationToken.None)));
        await Task.WhenAll(names.Select(node.WaitGoneAsync));
    }
}
