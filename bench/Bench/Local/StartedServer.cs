using System.Diagnostics;
using System.Globalization;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Bench.Local;

/// <summary>A <c>localkube up</c> of its own.</summary>
sealed class StartedServer : IAsyncDisposable
{
    readonly string _directory;
    readonly Process _process;

    StartedServer(string directory, Process process, TimeSpan readyAfter)
    {
        _directory = directory;
        _process = process;
        ReadyAfter = readyAfter;
    }

    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    /// <summary>From the start of the process to the first <c>/readyz</c> that says so.</summary>
    public TimeSpan ReadyAfter { get; }

    public static async Task<StartedServer> StartAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("slotwise-bench-local-").FullName;
        var kubeconfig = Path.Combine(directory, "kubeconfig");
        var info = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "localkube"),
            ["up", "--port", "0", "--kubeconfig", kubeconfig, "--state", Path.Combine(directory, "state")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var start = Stopwatch.GetTimestamp();
        var process = Process.Start(info) ?? throw new InvalidOperationException("localkube did not start");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!File.Exists(kubeconfig) || !await IsReadyAsync(kubeconfig, cancellationToken))
        {
            await Task.Delay(5, cancellationToken);
        }

        return new StartedServer(directory, process, Stopwatch.GetElapsedTime(start));
    }

    public async ValueTask DisposeAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    static async Task<bool> IsReadyAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        try
        {
            var configuration = KubernetesConfiguration.Load(kubeconfig, null, TimeProvider.System);
            var credential = await configuration.Credentials.GetAsync(cancellationToken);
            using var http = new HttpClient(ServerConnection.CreateHandler(configuration, credential.Certificate));
            return (await http.GetAsync(new Uri(configuration.Server, "/readyz"), cancellationToken)).IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or KubernetesConfigurationException)
        {
            // The file is there before all of it is.
            return false;
        }
    }
}
