using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

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
        var port = FreePort();
        var info = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "localkube"),
            ["up", "--port", port.ToString(CultureInfo.InvariantCulture), "--kubeconfig", kubeconfig, "--state", Path.Combine(directory, "state")])
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
        while (!await IsReadyAsync(port, cancellationToken))
        {
            await Task.Delay(5, cancellationToken);
        }

        var readyAfter = Stopwatch.GetElapsedTime(start);
        while (!File.Exists(kubeconfig))
        {
            await Task.Delay(5, cancellationToken);
        }

        return new StartedServer(directory, process, readyAfter);
    }

    public async ValueTask DisposeAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static async Task<bool> IsReadyAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            // Whose certificate it is does not matter here: nothing is sent.
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
            using var http = new HttpClient(handler);
            return (await http.GetAsync(new Uri($"https://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/readyz"), cancellationToken)).IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return false;
        }
    }
}
