using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Api.Security;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Tests.Api;

/// <summary>An API server of its own for each test class, on a free port, and ways to ask it.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    readonly string _directory = Directory.CreateTempSubdirectory("localkube-api-").FullName;
    ApiServer _server = null!;

    public Store Store { get; } = new(new StoreOptions { Time = TimeProvider.System, Random = new Random(1) });

    public FakePodLogs Logs { get; } = new();

    public FakePodFaults Faults { get; } = new();

    public Uri Address => _server.Address;

    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    /// <summary>Logged in as the administrator, by token.</summary>
    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ApiServer.StartAsync(
            Store, new ApiServerOptions { Port = 0, StateDirectory = _directory, Faults = Faults }, Logs, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        _server.WriteKubeconfig(Kubeconfig);
        Http = NewClient();
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _server.Authentication.IssueToken(new ApiUser("admin", ["system:masters"])));
    }

    /// <summary>Nobody in particular, or the holder of a certificate.</summary>
    public HttpClient NewClient(X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(_server.Authority.Certificate);
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        return new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public X509Certificate2 IssueClient(string user) => _server.Authority.IssueClient(user, "system:masters");

    public async Task<(int Code, JsonNode Body)> SendAsync(string method, string path, string? body = null, string contentType = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)! : JsonValue.Create(text));
    }

    /// <summary>Runs the kubectl of this machine; its discovery cache goes with the fixture.</summary>
    public async Task<(int Code, string Output, string Errors)> KubectlAsync(string arguments, string? input = null)
    {
        var start = new ProcessStartInfo("kubectl") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Split(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["HOME"] = _directory;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"kubectl {arguments} did not end within a minute");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    // Words are separated by spaces, except within single quotes.
    static IEnumerable<string> Split(string arguments) => arguments.Split('\'')
        .SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A node that has said three lines.</summary>
public sealed class FakePodLogs : IPodLogs
{
    public async IAsyncEnumerable<PodLogLine> ReadAsync(PodLogQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var lines = query.Previous ? ["before"] : (string[])["one", "two", "three"];
        foreach (var line in lines.Skip(query.TailLines is { } tail ? Math.Max(0, lines.Length - (int)tail) : 0))
        {
            yield return new PodLogLine(DateTimeOffset.UnixEpoch, line);
        }
    }
}

/// <summary>A node that notes what should go wrong.</summary>
public sealed class FakePodFaults : IPodFaults
{
    public List<PodFault> Inflicted { get; } = [];

    public Task InflictAsync(PodFault fault, CancellationToken cancellationToken)
    {
        Inflicted.Add(fault);
        return Task.CompletedTask;
    }
}
