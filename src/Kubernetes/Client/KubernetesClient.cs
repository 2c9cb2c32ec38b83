using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Client;

/// <summary>
/// <see cref="IKubernetesApi"/> over HTTP. One connection pool; at most <see cref="MaxRequestsInFlight"/> requests at a time beside watches;
/// a request takes at most <see cref="RequestTimeout"/> each time it is sent. Creations and lease writes are never repeated by themselves.
/// </summary>
public sealed class KubernetesClient : IKubernetesApi, IDisposable
{
    public const int MaxRequestsInFlight = 20;

    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    readonly ApiTransport _transport;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly ResiliencePipeline _retry;
    readonly SemaphoreSlim _inFlight = new(MaxRequestsInFlight);

    public KubernetesClient(KubernetesConfiguration configuration, TimeProvider time, ILogger<KubernetesClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _transport = new ApiTransport(configuration, time);
        _time = time;
        _logger = logger ?? NullLogger<KubernetesClient>.Instance;
        _retry = RequestRetry.Create(time);
    }

    public RequestCounts Requests { get; } = new();

    /// <summary>Which Kubernetes this is; also the cheapest way to see whether the server can be reached.</summary>
    public Task<ServerVersion> GetVersionAsync(CancellationToken cancellationToken) =>
        ReadOneAsync(new Call(HttpMethod.Get, "/version", Repeatable: true), ClientJson.Default.ServerVersion, cancellationToken);

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        ReadOneAsync(new Call(HttpMethod.Get, RequestUri.Object<T>(ns, name), Repeatable: true), T.JsonTypeInfo, cancellationToken);

    public async Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(options);
        var call = new Call(HttpMethod.Get, RequestUri.List<T>(ns, options), Repeatable: true);
        var body = await SendAsync(call, cancellationToken);
        try
        {
            return ListReader.Read<T>(body);
        }
        catch (JsonException exception)
        {
            throw Unreadable(call, exception);
        }
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(options);
        Requests.CountWatch();
        var call = new Call(HttpMethod.Get, RequestUri.Watch<T>(ns, options), Repeatable: false);

        // the server closes the watch; a little later we do, should it have forgotten
        using var overdue = new CancellationTokenSource(options.Timeout + RequestTimeout, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, overdue.Token);
        using var response = await OpenWatchAsync(call, ended.Token, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(ended.Token);
        await using var events = WatchReader.ReadAsync<T>(stream, _logger, ended.Token).GetAsyncEnumerator(ended.Token);
        while (await MoveNextAsync(events, call, cancellationToken))
        {
            yield return events.Current;
        }
    }

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(obj);
        var body = JsonSerializer.SerializeToUtf8Bytes(obj, T.JsonTypeInfo);
        var call = new Call(HttpMethod.Post, KubernetesKind.Of<T>().Path(obj.Metadata.NamespaceProperty), false, body, "application/json");
        return ReadOneAsync(call, T.JsonTypeInfo, cancellationToken);
    }

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentNullException.ThrowIfNull(options);
        var body = JsonSerializer.SerializeToUtf8Bytes(obj, T.JsonTypeInfo);
        var call = new Call(HttpMethod.Patch, RequestUri.Apply(obj, options), Repeatable: true, body, "application/apply-patch+yaml");
        return ReadOneAsync(call, T.JsonTypeInfo, cancellationToken);
    }

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(patch);
        var repeatable = patch["metadata"]?["resourceVersion"] is null; // with one, the second try of a patch that got through would be a conflict
        var body = JsonSerializer.SerializeToUtf8Bytes(patch, ClientJson.Default.JsonObject);
        var call = new Call(HttpMethod.Patch, RequestUri.Object<T>(ns, name, subresource), repeatable, body, "application/merge-patch+json");
        return ReadOneAsync(call, T.JsonTypeInfo, cancellationToken);
    }

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var body = JsonSerializer.SerializeToUtf8Bytes(lease, V1Lease.JsonTypeInfo);
        var uri = RequestUri.Object<V1Lease>(lease.Metadata.NamespaceProperty, lease.Metadata.Name ?? "");
        return ReadOneAsync(new Call(HttpMethod.Put, uri, Repeatable: false, body, "application/json"), V1Lease.JsonTypeInfo, cancellationToken);
    }

    public async Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(options);
        var body = JsonSerializer.SerializeToUtf8Bytes(DeleteBody.Of(options), ClientJson.Default.DeleteBody);
        await SendAsync(new Call(HttpMethod.Delete, RequestUri.Object<T>(ns, name), Repeatable: true, body, "application/json"), cancellationToken);
    }

    public void Dispose()
    {
        _transport.Dispose();
        _inFlight.Dispose();
    }

    async Task<TAnswer> ReadOneAsync<TAnswer>(Call call, JsonTypeInfo<TAnswer> type, CancellationToken cancellationToken)
    {
        var body = await SendAsync(call, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw Unreadable(call, exception);
        }
    }

    async Task<byte[]> SendAsync(Call call, CancellationToken cancellationToken)
    {
        if (!call.Repeatable)
        {
            return await SendOnceAsync(call, cancellationToken);
        }

        var attempts = 0;
        try
        {
            return await _retry.ExecuteAsync(
                token =>
                {
                    attempts++;
                    return new ValueTask<byte[]>(SendOnceAsync(call, token));
                },
                cancellationToken);
        }
        catch (KubernetesApiException refusal) when (refusal.IsNotFound && call.Method == HttpMethod.Delete && attempts > 1)
        {
            return []; // the attempt whose answer was lost had deleted it
        }
    }

    async Task<byte[]> SendOnceAsync(Call call, CancellationToken cancellationToken)
    {
        await _inFlight.WaitAsync(cancellationToken);
        try
        {
            Requests.CountRequest(call.Method);
            using var timeout = new CancellationTokenSource(RequestTimeout, _time);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            try
            {
                using var response = await _transport.SendAsync(call.ToMessage, ended.Token);
                return await _transport.ReadBodyAsync(response, ended.Token);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw _transport.Unreachable(exception);
            }
        }
        finally
        {
            _inFlight.Release();
        }
    }

    /// <summary>A server answers a watch at once, even if it has nothing to say yet.</summary>
    async Task<HttpResponseMessage> OpenWatchAsync(Call call, CancellationToken ended, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, timeout.Token);
        try
        {
            return await _transport.SendAsync(call.ToMessage, either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw _transport.Unreachable(exception);
        }
    }

    async Task<bool> MoveNextAsync<T>(IAsyncEnumerator<WatchEvent<T>> events, Call call, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (JsonException exception)
        {
            throw Unreadable(call, exception);
        }
        catch (Exception exception) when (ApiTransport.IsNoAnswer(exception, cancellationToken))
        {
            throw _transport.Unreachable(exception);
        }
    }

    static KubernetesApiException Unreadable(Call call, JsonException exception) => new(
        HttpStatusCode.InternalServerError,
        new V1Status { Status = "Failure", Reason = "Unreadable", Message = $"{call.Method} {call.Uri}: the answer cannot be read: {exception.Message}" });

    sealed record Call(HttpMethod Method, string Uri, bool Repeatable, byte[]? Body = null, string? ContentType = null)
    {
        public HttpRequestMessage ToMessage()
        {
            var message = new HttpRequestMessage(Method, Uri);
            if (Body is not null)
            {
                message.Content = new ByteArrayContent(Body);
                message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType!);
            }

            return message;
        }
    }
}
