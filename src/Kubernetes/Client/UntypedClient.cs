using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Kubernetes.Client;

/// <summary>
/// The API for kinds that are known only at run time: paths and JSON. For what works on objects of every kind, such as garbage collection.
/// </summary>
/// <remarks>
/// Every method throws <see cref="KubernetesApiException"/> when the server refuses and <see cref="KubernetesUnreachableException"/> when no
/// answer came. Nothing is repeated: whoever asks for every kind has to come back anyway.
/// </remarks>
public sealed class UntypedClient : IDisposable
{
    /// <summary>What to accept to be given only the metadata of an object, also in the events of a watch.</summary>
    public const string Metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    /// <summary>What to accept to be given only the metadata of the objects of a list.</summary>
    public const string MetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    const string Json = "application/json";

    static readonly TimeSpan RequestTimeout = KubernetesClient.RequestTimeout;

    readonly ApiTransport _transport;
    readonly TimeProvider _time;

    public UntypedClient(KubernetesConfiguration configuration, TimeProvider time)
    {
        _transport = new ApiTransport(configuration, time);
        _time = time;
    }

    public Task<JsonObject> GetAsync(string path, string accept = Json, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, path, null, accept, null, cancellationToken);

    /// <summary>JSON merge patch (RFC 7386).</summary>
    public Task<JsonObject> MergePatchAsync(string path, JsonObject patch, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, patch.ToJsonString(), Json, "application/merge-patch+json", cancellationToken);

    public Task<JsonObject> ReplaceAsync(string path, JsonObject obj, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, obj.ToJsonString(), Json, Json, cancellationToken);

    /// <summary>Asks for the deletion of an object, or of a whole collection.</summary>
    public Task<JsonObject> DeleteAsync(string path, DeleteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return SendAsync(HttpMethod.Delete, path, JsonSerializer.Serialize(DeleteBody.Of(options), ClientJson.Default.DeleteBody), Json, Json, cancellationToken);
    }

    /// <summary>The events of a watch as they are on the wire, until the server closes it. The path has the whole query.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(string path, string accept, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(HttpMethod.Get, path, null, accept, null, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadLineAsync(reader, cancellationToken) is { } line)
        {
            yield return Parse(line, path);
        }
    }

    public void Dispose() => _transport.Dispose();

    async Task<JsonObject> SendAsync(HttpMethod method, string path, string? body, string accept, string? contentType, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await _transport.SendAsync(() => Message(method, path, body, accept, contentType), ended.Token);
            return Parse(System.Text.Encoding.UTF8.GetString(await _transport.ReadBodyAsync(response, ended.Token)), path);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw _transport.Unreachable(e);
        }
    }

    /// <summary>A server answers a watch at once, even if it has nothing to say yet.</summary>
    async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, string? body, string accept, string? contentType, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await _transport.SendAsync(() => Message(method, path, body, accept, contentType), either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw _transport.Unreachable(e);
        }
    }

    async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception e) when (ApiTransport.IsNoAnswer(e, cancellationToken))
        {
            throw _transport.Unreachable(e);
        }
    }

    static HttpRequestMessage Message(HttpMethod method, string path, string? body, string accept, string? contentType)
    {
        var message = new HttpRequestMessage(method, path);
        message.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            message.Content = new StringContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType!);
        }

        return message;
    }

    static JsonObject Parse(string text, string path)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new JsonException("no object");
        }
        catch (JsonException e)
        {
            throw new KubernetesApiException(
                System.Net.HttpStatusCode.InternalServerError,
                new Models.V1Status { Status = "Failure", Reason = "Unreadable", Message = $"{path}: the answer cannot be read: {e.Message}" });
        }
    }
}
