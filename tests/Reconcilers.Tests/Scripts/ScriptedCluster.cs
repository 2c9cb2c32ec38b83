using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;
using Slotwise.Testing;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>The pods of a cluster, each with the real scripts and a real server, on this machine's loopback and without Kubernetes or an operator.</summary>
sealed class ScriptedCluster : IAsyncDisposable
{
    /// <summary>The shells and servers that the scripts meet in images, as xunit wants it.</summary>
    public static readonly TheoryData<string, string, string> Images = new()
    {
        { "dash", "redis", "7.0" },
        { "busybox", "redis", "7.0" },
        { "dash", "redis", "8.0" },
        { "dash", "valkey", "8.1" },
        { "dash", "valkey", "9" },
    };

    static readonly string[] OfEtc = ["ld.so.cache", "passwd", "group"];
    static int _clusters;

    readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("slotwise-pods-");
    readonly SortedDictionary<string, ScriptedPod> _pods = new(StringComparer.Ordinal);

    ScriptedCluster(string shell, string product, string version, int shards, int replicas, IEnumerable<(string Name, string Value)> config)
    {
        Shell = shell == "dash" ? "/bin/sh" : "/busybox/sh";
        var directives = new SortedDictionary<string, IntOrString>(StringComparer.Ordinal) { ["cluster-node-timeout"] = 2000 };
        foreach (var (name, value) in config)
        {
            directives[name] = value;
        }

        Resource = new RedisCluster
        {
            Metadata = new V1ObjectMeta { Name = "orders", NamespaceProperty = "shop", Uid = Guid.NewGuid().ToString() },
            Spec = new RedisClusterSpec { Shards = shards, ReplicasPerShard = replicas, Image = $"{product}:{version}", Config = directives },
        };
        var secret = Credentials.BuildSecret(Resource, "operator-password", "replication-password");
        Operator = Credentials.ForOperator(secret)!;
        Write("credentials", secret.Data!.Select(file => (file.Key, System.Text.Encoding.UTF8.GetString(file.Value))));
        Write("etc", [("nsswitch.conf", "hosts: files\n")]);
        Filesystem = [.. Root(product, version, shell)];

        // addresses that nobody else on this machine uses, also not another run of these tests
        var net = string.Create(CultureInfo.InvariantCulture, $"127.{10 + (Environment.ProcessId % 200)}.{Interlocked.Increment(ref _clusters) % 250}");
        for (var shard = 0; shard < shards; shard++)
        {
            for (var ordinal = 0; ordinal <= replicas; ordinal++)
            {
                var name = ClusterNames.Pod("orders", shard, ordinal);
                var pod = _pods[name] = new ScriptedPod(this, name, string.Create(CultureInfo.InvariantCulture, $"{net}.{(shard * 10) + ordinal + 1}"), Path.Combine(_directory.FullName, name));
                Write($"{name}/config", ConfigMaps.Build(Resource).Data!.Select(file => (file.Key, file.Value)));
                Configure(pod, "bind", pod.Address);
            }
        }

        Name([.. _pods.Keys]);
    }

    public RedisCluster Resource { get; }

    public RedisCredentials Operator { get; }

    /// <summary>The shell that runs the scripts.</summary>
    public string Shell { get; }

    /// <summary>What a container of any pod sees, as bubblewrap wants it.</summary>
    public IReadOnlyList<string> Filesystem { get; }

    public IReadOnlyCollection<ScriptedPod> Pods => _pods.Values;

    public ScriptedPod this[int shard, int ordinal] => _pods[ClusterNames.Pod("orders", shard, ordinal)];

    /// <summary>Pods whose servers answer and know nobody yet.</summary>
    public static Task<ScriptedCluster> StartAsync(string shell, string product, string version, int shards, int replicas, params (string Name, string Value)[] config) =>
        MakeAsync(new ScriptedCluster(shell, product, version, shards, replicas, config), cluster => cluster.StartPodsAsync());

    /// <summary>Pods that run and form a cluster: the first of each shard is the master, the others are its replicas, in sync and known to all.</summary>
    public static Task<ScriptedCluster> FormAsync(string shell, string product, string version, int shards, int replicas, params (string Name, string Value)[] config) =>
        MakeAsync(new ScriptedCluster(shell, product, version, shards, replicas, config), async cluster =>
        {
            await cluster.StartPodsAsync();
            await cluster.MeetAsync();
        });

    public string HostOf(string pod) => ClusterNames.StableHost(NamespacedName.Of(Resource), pod);

    /// <summary>Has the names of these pods, and of no others, lead to their addresses.</summary>
    public void Name(params string[] pods) =>
        Write("etc", [("hosts", string.Concat(pods.Select(pod => $"{_pods[pod].Address} {HostOf(pod)}\n")))]);

    /// <summary>Has the name of a pod lead to the address of another, as a stale answer of a name server would.</summary>
    public void Misname(ScriptedPod pod, ScriptedPod other) =>
        Write("etc", [("hosts", string.Concat(_pods.Values.Select(each => $"{(each == pod ? other : each).Address} {HostOf(each.Name)}\n")))]);

    /// <summary>Changes a directive in the file that the next start reads.</summary>
    public void Configure(ScriptedPod pod, string directive, string value) =>
        File.AppendAllText(Path.Combine(_directory.FullName, pod.Name, "config", ConfigMaps.RedisConfKey), $"{directive} {value}\n");

    /// <summary>Has a program take a second before it does anything, in what is started from now on.</summary>
    public void Slow(string program)
    {
        var file = Path.Combine(_directory.FullName, "busybox", program);
        File.Delete(file);
        File.WriteAllText(file, $"#!/bin/sh\nsleep 1\nexec /usr/bin/{program} \"$@\"\n");
        using var chmod = System.Diagnostics.Process.Start("chmod", ["+x", file]);
        chmod.WaitForExit();
    }

    /// <summary>A hash tag in the slots of that master.</summary>
    public static async Task<string> TagOfAsync(ScriptedPod master)
    {
        var slots = (await master.MyselfAsync()).Slots;
        return Enumerable.Range(0, int.MaxValue).Select(number => number.ToString(CultureInfo.InvariantCulture)).First(text => slots.Contains(SlotHash.Of(text)));
    }

    /// <summary>Writes keys and waits until all replicas have them, or as many as are asked for.</summary>
    public async Task<int> WriteAsync(ScriptedPod master, int keys, int? copies = null)
    {
        var tag = await TagOfAsync(master);
        await using var connection = await master.ConnectAsync();
        await connection.ExecuteAsync([.. Enumerable.Range(0, keys).Select(key => new RedisCommand("SET", string.Create(CultureInfo.InvariantCulture, $"{{{tag}}}{key}"), "v"))]);
        await connection.ExecuteAsync(new RedisCommand("WAIT", copies ?? Resource.Spec.ReplicasPerShard, 5000));
        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods.Values)
        {
            await pod.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    static async Task<ScriptedCluster> MakeAsync(ScriptedCluster cluster, Func<ScriptedCluster, Task> make)
    {
        try
        {
            await make(cluster);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    async Task StartPodsAsync()
    {
        await Task.WhenAll(Pods.Select(pod => pod.StartAsync()));
        foreach (var pod in Pods)
        {
            await Eventually.HoldsAsync($"{pod.Name} answers", async () => await pod.AskAsync(ServerCommands.Ping) == "PONG" ? null : "no PONG");
        }
    }

    async Task MeetAsync()
    {
        var shards = Resource.Spec.Shards;
        for (var shard = 0; shard < shards; shard++)
        {
            await this[shard, 0].AskAsync(ClusterCommands.AddSlotsRange(SlotSet.FromRange(shard * SlotSet.SlotCount / shards, ((shard + 1) * SlotSet.SlotCount / shards) - 1)));
            await this[shard, 0].AskAsync(ClusterCommands.SetConfigEpoch(shard + 1));
        }

        var port = ClusterPorts.Bus(NamespacedName.Of(Resource));
        foreach (var pod in Pods.Skip(1))
        {
            await pod.AskAsync(ClusterCommands.Meet(this[0, 0].Address, ClusterPorts.Data, port));
        }

        foreach (var pod in Pods)
        {
            await Eventually.HoldsAsync($"{pod.Name} knows everybody", async () =>
                (await pod.AskAsync(ClusterCommands.Nodes)).Nodes.Count(node => !node.IsInHandshake && node.Hostname.Length > 0) == Pods.Count ? null : "it does not");
        }

        for (var shard = 0; shard < shards; shard++)
        {
            var master = (await this[shard, 0].MyselfAsync()).Id;
            for (var ordinal = 1; ordinal <= Resource.Spec.ReplicasPerShard; ordinal++)
            {
                await this[shard, ordinal].AskAsync(ClusterCommands.Replicate(master));
            }
        }

        await SettledAsync();
    }

    /// <summary>Waits until all servers that run say that the cluster is whole, know whom the others follow, and all replicas are in sync.</summary>
    public async Task SettledAsync()
    {
        foreach (var pod in Pods)
        {
            await Eventually.HoldsAsync($"{pod.Name} knows the cluster", async () =>
            {
                var (nodes, info, replication) = (await pod.AskAsync(ClusterCommands.Nodes), await pod.AskAsync(ClusterCommands.Info), await pod.AskAsync(ServerCommands.Info("replication")));
                return !info.IsOk ? "cluster_state:fail"
                    : nodes.Nodes.Count != Pods.Count ? $"it knows {nodes.Nodes.Count} nodes"
                    : nodes.Nodes.Count(node => node.IsReplica) != Resource.Spec.Shards * Resource.Spec.ReplicasPerShard ? "it does not know whom all follow"
                    : nodes.Nodes.Any(node => node.HasFailed || node.IsPossiblyFailing || node.IsInHandshake) ? "it takes somebody for failed"
                    : replication is { IsReplica: true, IsMasterLinkUp: false } ? "its link is down"
                    : null;
            });
        }
    }

    IEnumerable<string> Root(string product, string version, string shell)
    {
        var program = ServerPrograms.Find(product, version).Server;
        var usr = program.Count == 1 ? "/usr" : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(program[^1])!, ".."));
        string[] folders = ["--ro-bind", usr, "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"];
        var busybox = Path.Combine(_directory.FullName, "busybox");
        Directory.CreateDirectory(busybox);
        if (shell == "busybox")
        {
            using var install = System.Diagnostics.Process.Start("busybox", ["--install", "-s", busybox]);
            install.WaitForExit();
        }

        return
        [
            .. folders,
            .. program.Count == 1 ? OfEtc.SelectMany(file => (string[])["--ro-bind", $"/etc/{file}", $"/etc/{file}"]) : [],
            "--ro-bind", busybox, "/busybox",
            "--ro-bind", Path.Combine(_directory.FullName, "etc", "hosts"), "/etc/hosts",
            "--ro-bind", Path.Combine(_directory.FullName, "etc", "nsswitch.conf"), "/etc/nsswitch.conf",
            "--ro-bind", Path.Combine(_directory.FullName, "credentials"), RedisConfig.CredentialsDirectory,
        ];
    }

    void Write(string folder, IEnumerable<(string Name, string Text)> files)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_directory.FullName, folder)).FullName;
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(directory, name), text);
        }
    }
}
