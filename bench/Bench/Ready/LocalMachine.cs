using System.Diagnostics;
using System.Globalization;
using Slotwise.Entities;

namespace Slotwise.Bench.Ready;

/// <summary><c>localkube up</c> and <c>slotwise run</c>, as <c>make demo</c> starts them.</summary>
sealed class LocalMachine : IAsyncDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-bench-ready-").FullName;
    readonly List<Process> _programs = [];

    /// <summary>The administrator's.</summary>
    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    /// <summary>Starts both.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="up">Arguments for <c>localkube up</c>; by default without a kubelet's delays, where what is measured is the operator alone.</param>
    public static async Task<LocalMachine> StartAsync(CancellationToken cancellationToken, params string[] up)
    {
        var machine = new LocalMachine();
        string[] arguments = up.Length > 0 ? up : ["--delays", "short"];
        machine.Start("localkube", ["up", "--port", "0", "--kubeconfig", machine.Kubeconfig, "--state", Path.Combine(machine._directory, "state"), .. arguments]);
        while (!File.Exists(machine.Kubeconfig))
        {
            await Task.Delay(50, cancellationToken);
        }

        await machine.KubectlAsync(["apply", "-f", "-"], await File.ReadAllTextAsync(FindCrd(), cancellationToken), cancellationToken);
        machine.Start("slotwise", "run", "--health-port", "0");
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        return machine;
    }

    /// <summary>Applies a cluster, waits until it is Ready, deletes it, and says how long the first two took.</summary>
    public async Task<TimeSpan> ApplyAsync(string name, int shards, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await CreateAsync(name, shards, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(start);
        await DeleteAsync(name, cancellationToken);
        return elapsed;
    }

    /// <summary>Applies a cluster and waits until it is Ready.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shards">How many, each with a replica.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="more">A further line of the spec.</param>
    public async Task CreateAsync(string name, int shards, CancellationToken cancellationToken, string more = "")
    {
        var manifest = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            apiVersion: redis.slotwise.dev/v1beta1
            kind: RedisCluster
            metadata:
              name: {{name}}
            spec:
              shards: {{shards}}
              image: redis:7.0
              {{more}}
            """);
        await KubectlAsync(["apply", "-f", "-"], manifest, cancellationToken);
        await KubectlAsync(["wait", $"rediscluster/{name}", "--for=condition=Ready", "--timeout=60s"], "", cancellationToken);
    }

    /// <summary>Changes the number of shards, and says how long it took until the cluster was Ready with them.</summary>
    public async Task<TimeSpan> ScaleAsync(string name, int shards, CancellationToken cancellationToken)
    {
        const string State = "{.metadata.generation} {.status.observedGeneration} {.status.shardCount} {.status.conditions[?(@.type=='Ready')].status}";
        var spec = string.Create(CultureInfo.InvariantCulture, $$$"""{"spec": {"shards": {{{shards}}}}}""");
        var start = Stopwatch.GetTimestamp();
        await KubectlAsync(["patch", $"rediscluster/{name}", "--type", "merge", "-p", spec], "", cancellationToken);
        while (true)
        {
            var state = (await KubectlAsync(["get", $"rediscluster/{name}", "-o", $"jsonpath={State}"], "", cancellationToken)).Split(' ');
            if (state is [var generation, var observed, var count, "True"] && generation == observed && count == shards.ToString(CultureInfo.InvariantCulture))
            {
                return Stopwatch.GetElapsedTime(start);
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>The addresses of a cluster's pods.</summary>
    public async Task<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellationToken) =>
        (await KubectlAsync(["get", "pods", "-o", "jsonpath={.items[*].status.podIP}"], "", cancellationToken)).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Deletes a cluster and waits until its pods are gone.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await KubectlAsync(["delete", $"rediscluster/{name}"], "", cancellationToken);
        await KubectlAsync(["wait", "pods", "-l", $"{RedisClusterLabels.Cluster}={name}", "--for=delete", "--timeout=60s"], "", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in Enumerable.Reverse(_programs))
        {
            using var kill = Process.Start("kill", ["-TERM", program.Id.ToString(CultureInfo.InvariantCulture)]);
            await program.WaitForExitAsync();
            program.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    static string FindCrd()
    {
        const string File = "config/crd/redisclusters.redis.slotwise.dev.yaml";
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (System.IO.File.Exists(Path.Combine(directory, File)))
            {
                return Path.Combine(directory, File);
            }
        }

        throw new InvalidOperationException($"{File} is not above {AppContext.BaseDirectory}: run the benchmarks from a checkout");
    }

    void Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program), arguments);
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _programs.Add(process);
    }

    /// <summary>Runs kubectl; it must succeed.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> KubectlAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("kubectl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = Kubeconfig;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("kubectl did not start");
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)} failed: {await output}{errors}");
        }

        return await output;
    }
}
