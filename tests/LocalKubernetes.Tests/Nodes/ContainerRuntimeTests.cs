using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Logs;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>Real processes in real namespaces: needs root, iproute2 and bubblewrap.</summary>
public sealed class ContainerRuntimeTests : IAsyncLifetime
{
    readonly ScratchInstance _scratch = new();
    readonly LogBook _logs = new(TimeProvider.System);
    readonly BubblewrapRuntime _runtime;
    PodNetwork _network = null!;
    HostNetwork _host = null!;
    ContainerImage _image = null!;
    int _runs;

    public ContainerRuntimeTests() => _runtime = new BubblewrapRuntime(_logs, TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        _network = await PodNetwork.StartAsync(_scratch.Instance, CancellationToken.None);
        _host = await _network.AddHostAsync(CancellationToken.None);
        var images = new ImageStore(await HostImages.ObserveAsync(_scratch.Instance.EtcDirectory, CancellationToken.None));
        Assert.True(images.TryFind("debian:12", out var image, out var reason), reason);
        _image = image;
    }

    public async ValueTask DisposeAsync()
    {
        _runtime.Dispose();
        await _network.DisposeAsync();
        await _scratch.DisposeAsync();
    }

    [Fact]
    public async Task A_container_sees_its_own_name_address_environment_and_user()
    {
        var pod = await _host.AttachAsync("a", null, CancellationToken.None);
        var spec = Shell(pod, "hostname; id -u; id -g; id -G; echo \"$GREETING\"; pwd; echo $$; cat /proc/net/fib_trie | grep -c '32 host LOCAL'; grep -E 'CapBnd|NoNewPrivs' /proc/self/status; touch /x 2>/dev/null || echo read-only") with
        {
            User = new ContainerUser(1234, 2345, [3456]),
            Environment = new Dictionary<string, string> { ["GREETING"] = "hello world", ["PATH"] = "/usr/bin" },
            ReadOnlyRootFilesystem = true,
            Capabilities = [],
        };
        var (exit, lines) = await RunAsync(spec);
        Assert.Equal(0, exit.Code);
        Assert.Equal(["name-0", "1234", "2345", "2345 3456", "hello world", "/", "1"], lines[..7]);
        Assert.Contains("CapBnd:\t0000000000000000", lines);
        Assert.Contains("NoNewPrivs:\t1", lines);
        Assert.Equal("read-only", lines[^1]);
    }

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("kill -TERM $$; trap 'exit 9' USR1; kill -USR1 $$; sleep 5", 9)]
    public async Task The_exit_code_is_the_containers_own(string script, int code)
    {
        var pod = await _host.AttachAsync("a", null, CancellationToken.None);
        var (exit, _) = await RunAsync(Shell(pod, script));
        Assert.Equal(code, exit.Code);
    }

    [Fact]
    public async Task Signals_reach_process_1_and_kill_ends_everything()
    {
        var pod = await _host.AttachAsync("a", null, CancellationToken.None);
        var spec = Shell(pod, "trap 'exit 7' TERM; echo trapped; while :; do sleep 0.01; done");
        await using var polite = await StartAsync(spec);
        // process 1 is deaf to signals that it has not asked for
        while (new FileInfo(spec.LogPath).Length == 0)
        {
            await _logs.Find(spec.LogPath)!.State.Changed.WaitAsync(TimeSpan.FromSeconds(10));
        }

        polite.Signal(15);
        Assert.Equal(7, (await polite.Exit.WaitAsync(TimeSpan.FromSeconds(10))).Code);

        await using var stubborn = await StartAsync(Shell(pod, "sleep 1000 & sleep 1000"));
        stubborn.Signal(9);
        Assert.Equal(137, (await stubborn.Exit.WaitAsync(TimeSpan.FromSeconds(10))).Code);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_a_start_error()
    {
        var pod = await _host.AttachAsync("a", null, CancellationToken.None);
        var spec = Shell(pod, "") with { Command = ["no-such-program"] };
        var error = await Assert.ThrowsAsync<ContainerStartException>(() => StartAsync(spec));
        Assert.Equal("StartError", error.Reason);
        Assert.Contains("no-such-program", error.Message);
    }

    [Fact]
    public async Task A_program_run_inside_is_the_same_user_in_the_same_namespaces_and_is_killed_when_late()
    {
        var pod = await _host.AttachAsync("a", null, CancellationToken.None);
        var spec = Shell(pod, "exec sleep 1000") with { User = new ContainerUser(1234, 2345, [3456]), Capabilities = [] };
        await using var container = await StartAsync(spec);

        var answer = await container.ExecuteAsync(["sh", "-c", "id -u; id -G; hostname; until grep -q sleep /proc/1/comm; do :; done; cat /proc/1/comm; exit 4"], TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal((4, "1234\n2345 3456\nname-0\nsleep\n"), (answer.Code, answer.Output));

        var late = await container.ExecuteAsync(["sh", "-c", "exec sleep 77"], TimeSpan.FromMilliseconds(300), CancellationToken.None);
        Assert.True(late.TimedOut);
        var left = await container.ExecuteAsync(["sh", "-c", "cat /proc/[0-9]*/comm | grep -c sleep"], TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal("1\n", left.Output);
        container.Signal(9);
    }

    [Fact]
    public async Task Pods_reach_each_other_and_the_host_reaches_them()
    {
        var first = await _host.AttachAsync("a", null, CancellationToken.None);
        var second = await _host.AttachAsync("b", null, CancellationToken.None);
        Assert.NotEqual(first.Address, second.Address);
        var listener = Shell(first, "") with { Command = ["perl", "-MIO::Socket", "-e", "my $s=IO::Socket::INET->new(Listen=>5,LocalPort=>7000,LocalAddr=>'0.0.0.0') or die; while(my $c=$s->accept){print $c \"hi\\n\"; close $c}"] };
        await using var server = await StartAsync(listener);
        var (exit, lines) = await RunAsync(Shell(second, $"for i in 1 2 3 4 5 6 7 8 9; do (exec 3<>/dev/tcp/{first.Address}/7000 && cat <&3) 2>/dev/null && exit 0; sleep 0.2; done; exit 1", "bash"));
        Assert.Equal(0, exit.Code);
        Assert.Equal("hi", lines[^1]);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(first.Address, 7000).WaitAsync(TimeSpan.FromSeconds(10));
        server.Signal(9);
    }

    async Task<(ContainerExit Exit, string[] Lines)> RunAsync(ContainerSpec spec)
    {
        await using var container = await StartAsync(spec);
        var exit = await container.Exit.WaitAsync(TimeSpan.FromSeconds(20));
        var lines = (await File.ReadAllLinesAsync(spec.LogPath)).Select(line => LogLine.TryParse(line, out var entry) ? entry.Text : line);
        return (exit, [.. lines]);
    }

    Task<IRunningContainer> StartAsync(ContainerSpec spec) => _runtime.StartAsync(spec, CancellationToken.None);

    ContainerSpec Shell(PodAddress pod, string script, string shell = "sh")
    {
        var run = Path.Combine(_scratch.Instance.PodsDirectory, $"{++_runs}");
        Directory.CreateDirectory(run);
        return new ContainerSpec
        {
            Name = "main",
            Hostname = "name-0",
            NetworkNamespacePath = pod.NamespacePath,
            Image = _image,
            Command = [shell, "-c", script],
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin" },
            WorkingDirectory = "/",
            User = new ContainerUser(0, 0, []),
            Capabilities = Capabilities.Of(null),
            ReadOnlyRootFilesystem = false,
            Mounts = [],
            RunDirectory = run,
            LogPath = Path.Combine(run, "log"),
        };
    }
}
