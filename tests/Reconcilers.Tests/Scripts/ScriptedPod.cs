using System.Diagnostics;
using System.Globalization;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>
/// A pod as far as its scripts can tell: the files, variables and names that it would have, an address on loopback, and the start script as the first process
/// of a container. What it leaves in its data directory is there again when it is started anew.
/// </summary>
sealed class ScriptedPod : IAsyncDisposable
{
    // the shell outlives nobody: its input closes when this process is gone
    const string RunUntilInputCloses = "log=$1; shift; \"$@\" >> \"$log\" 2>&1 & echo $!; read -r _; kill -9 $! 2>/dev/null; wait";

    static readonly RedisConnectionOptions Patient = new() { ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(5) };

    readonly ScriptedCluster _cluster;
    readonly string _directory;
    Process? _shell;
    int _outer;
    bool _hasVolume;

    public ScriptedPod(ScriptedCluster cluster, string name, string address, string directory)
    {
        _cluster = cluster;
        Name = name;
        Address = address;
        _directory = directory;
        Uid = $"00000000-0000-0000-0000-{address.Replace(".", "", StringComparison.Ordinal).PadLeft(12, '0')}";
        Data = Path.Combine(directory, "data");
        Directory.CreateDirectory(Data);
        Directory.CreateDirectory(Path.Combine(directory, "pod"));
        Directory.CreateDirectory(Path.Combine(directory, "run"));
    }

    public string Name { get; }

    public string Address { get; private set; }

    public string Uid { get; }

    public string Data { get; private set; }

    public RedisEndpoint Endpoint => new(Address, ClusterPorts.Data);

    /// <summary>What the container wrote since it was last started.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Has it run on the volume of another pod, from its next start on.</summary>
    public void Share(ScriptedPod owner) => Data = owner.Data;

    /// <summary>Has it run on a volume of this size, from its next start on, with what is in its data directory now.</summary>
    public async Task LimitVolumeAsync(int mebibytes)
    {
        Assert.Null(_shell);
        var kept = $"{Data}-kept";
        Directory.Move(Data, kept);
        Directory.CreateDirectory(Data);
        await DoAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m"), "tmpfs", Data);
        _hasVolume = true;
        await DoAsync("cp", "-a", $"{kept}/.", Data);
    }

    /// <summary>Has it be at the address that another pod had, from its next start on.</summary>
    public void Move(ScriptedPod gone)
    {
        Address = gone.Address;
        _cluster.Configure(this, "bind", Address);
        _cluster.Name([.. _cluster.Pods.Where(pod => pod != gone).Select(pod => pod.Name)]);
    }

    /// <summary>Starts the container, as the kubelet would after the last one ended.</summary>
    public async Task StartAsync()
    {
        Assert.Null(_shell);
        var log = Path.Combine(_directory, "log");
        File.Delete(log);
        string[] command = ["-c", RunUntilInputCloses, "sh", log, .. Container(), _cluster.Shell, $"{RedisConfig.ConfigDirectory}/{ConfigMaps.StartScript}"];
        _shell = Process.Start(new ProcessStartInfo("sh", command) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _outer = int.Parse((await _shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
    }

    /// <summary>Runs another of the scripts in the container, as a probe or a hook.</summary>
    public async Task<(int Code, string Output)> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("nsenter", ["-t", await InnerAsync(), "-m", "-p", "-i", "--", _cluster.Shell, $"{RedisConfig.ConfigDirectory}/{script}", .. arguments]) { RedirectStandardOutput = true };
        start.Environment.Clear();
        foreach (var (name, value) in Variables())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    /// <summary>Runs the preStop hook, which speaks into the log of the container.</summary>
    public async Task<(int Code, string Said)> HandOverAsync()
    {
        var before = ReadLog().Length;
        var (code, output) = await RunAsync(ConfigMaps.StopScript);
        return (code, output + string.Concat(ReadLog()[before..].Split('\n').Where(line => line.StartsWith("handover: ", StringComparison.Ordinal)).Select(line => $"{line}\n")));
    }

    /// <summary>Ends all processes of the container at once, like a crash or the kernel's want of memory.</summary>
    public async Task KillAsync()
    {
        _shell!.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _shell = null;
        ReadLog();
    }

    /// <summary>Sends a signal to the first process of the container, and only to that.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", await InnerAsync()]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until the first process of the container is that of a program.</summary>
    public Task RunsAsync(string program) => Eventually.HoldsAsync($"{program} runs in {Name}", async () =>
        await InnerAsync() is { Length: > 0 } inner && await File.ReadAllTextAsync($"/proc/{inner}/comm") == $"{program}\n" ? null : "it does not");

    /// <summary>Waits until the container has ended by itself.</summary>
    public Task EndedAsync() => Eventually.HoldsAsync($"the container of {Name} ended", () => Task.FromResult(Directory.Exists($"/proc/{_outer}") && !IsZombie() ? "it runs" : null));

    public async Task AllowEmptyStartAsync(NodeId id) => await File.WriteAllTextAsync(Path.Combine(_directory, "pod", "start-empty"), $"{id}");

    public string ReadLog()
    {
        var log = Path.Combine(_directory, "log");
        return Log = File.Exists(log) ? File.ReadAllText(log) : "";
    }

    /// <summary>What it says at its gate; null when there is nobody.</summary>
    public async Task<string?> AskGateAsync()
    {
        try
        {
            await using var connection = await RedisConnection.ConnectAsync(new RedisEndpoint(Address, ClusterPorts.Gate), _cluster.Operator, Patient);
            return (await connection.ExecuteAsync(new RedisCommand("GET", "waits"))).AsText();
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }

    public Task<RedisConnection> ConnectAsync() => RedisConnection.ConnectAsync(Endpoint, null, Patient);

    public async Task<T> AskAsync<T>(RedisCommand<T> command)
    {
        await using var connection = await ConnectAsync();
        return await connection.ExecuteAsync(command);
    }

    public async Task<RespValue> AskAsync(params RedisArgument[] command)
    {
        await using var connection = await ConnectAsync();
        return await connection.ExecuteAsync(new RedisCommand(command));
    }

    public async Task<ClusterNode> MyselfAsync() => (await AskAsync(ClusterCommands.Nodes)).Myself!;

    public Task<long> KeysAsync() => AskAsync(ServerCommands.DbSize);

    /// <summary>How the process that answers was started, by the name of its configuration file.</summary>
    public async Task<string> StartedAsync() => Path.GetFileName((await AskAsync(ServerCommands.Info("server"))).ConfigFile);

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            await KillAsync();
        }

        if (_hasVolume)
        {
            // what is left of its processes may end a moment later
            await DoAsync("umount", "--lazy", Data);
        }
    }

    static async Task DoAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    async Task<string> InnerAsync() => (await File.ReadAllTextAsync($"/proc/{_outer}/task/{_outer}/children")).Trim();

    bool IsZombie() => File.Exists($"/proc/{_outer}/stat") && File.ReadAllText($"/proc/{_outer}/stat").Contains(") Z ", StringComparison.Ordinal);

    string[] Container() =>
    [
        "bwrap", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--as-pid-1", "--clearenv",
        .. _cluster.Filesystem,
        "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
        "--ro-bind", Path.Combine(_directory, "config"), RedisConfig.ConfigDirectory,
        "--bind", Data, RedisConfig.DataDirectory,
        "--bind", Path.Combine(_directory, "run"), RedisConfig.RunDirectory,
        "--ro-bind", Path.Combine(_directory, "pod"), "/etc/slotwise/pod",
        .. Variables().SelectMany(variable => (string[])["--setenv", variable.Name, variable.Value]),
    ];

    (string Name, string Value)[] Variables() =>
    [
        ("PATH", "/busybox:/usr/local/bin:/usr/bin"),
        ("POD_NAME", Name),
        ("POD_UID", Uid),
        ("POD_IP", Address),
        ("CLUSTER_UID", _cluster.Resource.Metadata.Uid!),
        ("STABLE_HOST", _cluster.HostOf(Name)),
    ];
}
