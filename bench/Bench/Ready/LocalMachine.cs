using System.Diagnostics;
using System.Globalization;

namespace Slotwise.Bench.Ready;

/// <summary><c>localkube up</c> and <c>slotwise run</c>, as <c>make demo</c> starts them.</summary>
sealed class LocalMachine : IAsyncDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-bench-ready-").FullName;
    readonly List<Process> _programs = [];

    string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    public static async Task<LocalMachine> StartAsync(CancellationToken cancellationToken)
    {
        var machine = new LocalMachine();
        machine.Start("localkube", "up", "--port", "0", "--kubeconfig", machine.Kubeconfig, "--state", Path.Combine(machine._directory, "state"));
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
            """);
        var start = Stopwatch.GetTimestamp();
        await KubectlAsync(["apply", "-f", "-"], manifest, cancellationToken);
        await KubectlAsync(["wait", $"rediscluster/{name}", "--for=condition=Ready", "--timeout=60s"], "", cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(start);
        await KubectlAsync(["delete", $"rediscluster/{name}"], "", cancellationToken);
        await KubectlAsync(["wait", "pods", "--all", "--for=delete", "--timeout=60s"], "", cancellationToken);
        return elapsed;
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

    async Task KubectlAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
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
    }
}
