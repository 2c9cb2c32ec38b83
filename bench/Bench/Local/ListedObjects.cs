using System.Text;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Bench.Local;

/// <summary>Objects of about half a kilobyte in a namespace of their own, which goes with them.</summary>
sealed class ListedObjects : IAsyncDisposable
{
    const int AtOnce = 16;

    readonly HttpClient _http;
    readonly string _namespace = $"bench-{Guid.NewGuid():N}"[..16];

    ListedObjects(HttpClient http) => _http = http;

    public static async Task<ListedObjects> CreateAsync(string kubeconfig, int count, CancellationToken cancellationToken)
    {
        var configuration = KubernetesConfiguration.Load(kubeconfig, null, TimeProvider.System);
        var credential = await configuration.Credentials.GetAsync(cancellationToken);
        var http = new HttpClient(ServerConnection.CreateHandler(configuration, credential.Certificate)) { BaseAddress = configuration.Server };
        var objects = new ListedObjects(http);
        await objects.PostAsync("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{objects._namespace}}}"}}""", cancellationToken);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, cancel) =>
            await objects.PostAsync(objects.Leases, $$$$"""{"metadata":{"name":"object-{{{{i}}}}","annotations":{"note":"{{{{new string('x', 200)}}}}"}}}""", cancel));
        return objects;
    }

    public async Task ListAsync(CancellationToken cancellationToken) => await _http.GetByteArrayAsync(Leases, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var answer = await _http.DeleteAsync($"/api/v1/namespaces/{_namespace}");
        _http.Dispose();
    }

    string Leases => $"/apis/coordination.k8s.io/v1/namespaces/{_namespace}/leases";

    async Task PostAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(path, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
