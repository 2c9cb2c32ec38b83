using System.Net;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>Trouble on demand, as the pods see it.</summary>
public sealed class FaultTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    /// <summary>Says now and then whether a listener can be reached, over a new connection.</summary>
    const string Reach = "while :; do timeout 0.2 bash -c 'exec 3<>/dev/tcp/PEER/7000 && read -r line <&3 && echo $line' 2>/dev/null || echo nothing; sleep 0.02; done";

    const string Listen = "exec perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(LocalPort=>7000,Listen=>9,ReuseAddr=>1); while($c=$s->accept){print $c \"hello\\n\"; close $c}'";

    [Fact]
    public async Task A_paused_process_does_nothing_until_it_is_resumed()
    {
        var pod = await StartAsync("paused", "while :; do echo tick; sleep 0.01; done");
        await InflictAsync(new PauseFault(null, true) { PodUid = pod.Metadata.Uid! });
        var ticks = (await node.LogAsync(pod)).Count;
        // what was on its way when it stopped
        await Task.Delay(100);
        var still = (await node.LogAsync(pod)).Count;
        await Task.Delay(200);
        Assert.InRange(still, ticks, ticks + 1);
        Assert.Equal(still, (await node.LogAsync(pod)).Count);
        await InflictAsync(new PauseFault("main", false) { PodUid = pod.Metadata.Uid! });
        await LogLineAsync(pod, still, line => line == "tick");
    }

    [Fact]
    public async Task A_killed_process_is_started_again_in_place()
    {
        var pod = await StartAsync("killed", "exec sleep 1000");
        await InflictAsync(new SignalFault(null, 9) { PodUid = pod.Metadata.Uid! });
        var again = await node.WaitAsync("killed", now => NodeFixture.IsReady(now) && now.Status!.ContainerStatuses![0].RestartCount == 1);
        Assert.Equal(pod.Status!.PodIP, again.Status!.PodIP);
        var ended = again.Status.ContainerStatuses![0].LastState!.Terminated!;
        Assert.Equal((137, pod.Status.ContainerStatuses![0].ContainerID), (ended.ExitCode, ended.ContainerID));
    }

    [Fact]
    public async Task A_cut_link_carries_nothing_and_others_stay_whole()
    {
        var near = await StartAsync("near", Listen);
        var far = await StartAsync("far", Reach.Replace("PEER", near.Status!.PodIP, StringComparison.Ordinal));
        var other = await StartAsync("other", Reach.Replace("PEER", near.Status!.PodIP, StringComparison.Ordinal));
        await LogLineAsync(far, 0, line => line == "hello");

        var one = new LinkFault([far.Metadata.Uid!], Cut: true) { PodUid = near.Metadata.Uid! };
        await InflictAsync(one);
        await LogLineAsync(far, (await node.LogAsync(far)).Count, line => line == "nothing");
        await LogLineAsync(other, (await node.LogAsync(other)).Count, line => line == "hello");
        await InflictAsync(one); // twice is once
        await InflictAsync(new LinkFault([near.Metadata.Uid!], Cut: false) { PodUid = far.Metadata.Uid! });
        await LogLineAsync(far, (await node.LogAsync(far)).Count, line => line == "hello");

        await InflictAsync(new LinkFault([LinkFault.Pods], Cut: true) { PodUid = near.Metadata.Uid! });
        await LogLineAsync(far, (await node.LogAsync(far)).Count, line => line == "nothing");
        await LogLineAsync(other, (await node.LogAsync(other)).Count, line => line == "nothing");
        Assert.True(await ReachesAsync(near));
        await InflictAsync(new LinkFault([LinkFault.Host], Cut: true) { PodUid = near.Metadata.Uid! });
        Assert.False(await ReachesAsync(near));

        await InflictAsync(new LinkFault([], Cut: false) { PodUid = near.Metadata.Uid! });
        Assert.True(await ReachesAsync(near));
        await LogLineAsync(other, (await node.LogAsync(other)).Count, line => line == "hello");
    }

    [Fact]
    public async Task A_cut_ends_with_its_pod_and_the_next_one_may_have_its_address()
    {
        var first = await StartAsync("first", Listen);
        await InflictAsync(new LinkFault([LinkFault.Host], Cut: true) { PodUid = first.Metadata.Uid! });
        await InflictAsync(new AddressFault(IPAddress.Parse(first.Status!.PodIP!)) { PodUid = first.Metadata.Uid! });
        await DeleteAsync("first");
        var second = await StartAsync("first", Listen);
        Assert.Equal(first.Status.PodIP, second.Status!.PodIP);
        Assert.True(await ReachesAsync(second));
    }

    [Fact]
    public async Task A_pod_waits_for_an_address_that_another_one_has_and_nobody_else_gets_it()
    {
        var owner = await StartAsync("owner", Listen);
        var address = owner.Status!.PodIP!;
        var heir = await StartAsync("heir", Listen);
        await InflictAsync(new AddressFault(IPAddress.Parse(address)) { PodUid = heir.Metadata.Uid! });
        await DeleteAsync("heir");
        await node.CreateAsync(NodeFixture.Shell("heir", Listen));
        await DeleteAsync("owner");
        Assert.NotEqual(address, (await StartAsync("owner", Listen)).Status!.PodIP);
        Assert.Equal(address, (await node.WaitAsync("heir", NodeFixture.IsReady)).Status!.PodIP);
    }

    [Fact]
    public async Task A_pod_may_name_its_address_itself()
    {
        var pod = await StartAsync("scout", Listen);
        await DeleteAsync("scout");
        var named = NodeFixture.Shell("named", Listen);
        await node.CreateAsync(named with { Metadata = named.Metadata with { Annotations = new Dictionary<string, string> { ["localkube.dev/address"] = pod.Status!.PodIP! } } });
        Assert.Equal(pod.Status.PodIP, (await node.WaitAsync("named", NodeFixture.IsReady)).Status!.PodIP);
    }

    [Fact]
    public async Task What_cannot_happen_is_refused()
    {
        var pod = await StartAsync("sound", "exec sleep 1000");
        await RefusedAsync(new PauseFault("sidecar", true) { PodUid = pod.Metadata.Uid! }, "container sidecar of pod sound does not run now");
        await RefusedAsync(new LinkFault(["nobody"], true) { PodUid = pod.Metadata.Uid! }, "the other pod runs on no host now");
        await RefusedAsync(new AddressFault(IPAddress.Parse("192.0.2.1")) { PodUid = pod.Metadata.Uid! }, "nextAddress: 192.0.2.1 is no address of");
        await RefusedAsync(new AddressFault(IPAddress.Parse(node.Node.Address)) { PodUid = pod.Metadata.Uid! }, $"nextAddress: {node.Node.Address} is no address of");
    }

    async Task<V1Pod> StartAsync(string name, string script)
    {
        await node.CreateAsync(NodeFixture.Shell(name, script, spec: spec => spec with { TerminationGracePeriodSeconds = 0 }));
        return await node.WaitAsync(name, NodeFixture.IsReady);
    }

    async Task DeleteAsync(string name)
    {
        await node.Api.DeleteAsync<V1Pod>("default", name, new DeleteOptions { GracePeriodSeconds = 0 }, CancellationToken.None);
        await node.WaitGoneAsync(name);
    }

    Task InflictAsync(PodFault fault) => node.Rack.Faults.InflictAsync(fault, CancellationToken.None);

    async Task RefusedAsync(PodFault fault, string message) =>
        Assert.StartsWith(message, (await Assert.ThrowsAsync<KubernetesApiException>(() => InflictAsync(fault))).Message, StringComparison.Ordinal);

    /// <summary>Whether this machine reaches a pod that listens. It may have begun to be ready a moment before it listened.</summary>
    static async Task<bool> ReachesAsync(V1Pod pod)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            using var client = new System.Net.Sockets.TcpClient();
            using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await client.ConnectAsync(IPAddress.Parse(pod.Status!.PodIP!), 7000, late.Token);
                return true;
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Task.Delay(50);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Waits for a line after those that are there.</summary>
    async Task LogLineAsync(V1Pod pod, int skip, Func<string, bool> wanted)
    {
        using var late = new CancellationTokenSource(NodeFixture.Patience);
        var query = new PodLogQuery { Namespace = "default", Pod = pod.Metadata.Name!, PodUid = pod.Metadata.Uid!, Container = "main", Follow = true };
        await foreach (var line in node.Rack.Logs.ReadAsync(query, late.Token))
        {
            if (skip-- <= 0 && wanted(line.Text))
            {
                return;
            }
        }
    }
}
