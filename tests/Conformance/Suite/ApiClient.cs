using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Conformance.Suite;

public enum PatchType
{
    Json,
    Merge,
    Strategic,
    Apply,
}

/// <summary>One event of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and its object.</summary>
public sealed record WatchEvent(string Type, JsonObject Object);

/// <summary>Plain requests to an API server, without types of our own: what is on the wire is what is tested.</summary>
public sealed class ApiClient : IDisposable
{
    static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(60);
    static readonly TimeSpan HappensWithin = TimeSpan.FromSeconds(90);

    readonly KubernetesConfiguration _configuration;
    readonly HttpClient _http;
    readonly IReadOnlyList<(string Name, string Value)> _headers;

    public ApiClient(KubernetesConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _configuration = configuration;
        _headers = [];
        _http = Connect(configuration, configuration.Credentials.GetAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult());
    }

    ApiClient(KubernetesConfiguration configuration, HttpClient http, IReadOnlyList<(string, string)> headers)
    {
        _configuration = configuration;
        _http = http;
        _headers = headers;
    }

    /// <summary>Where the server is.</summary>
    public Uri Server => _configuration.Server;

    /// <summary>The same server, as somebody else whom the administrator stands in for (impersonation).</summary>
    public ApiClient As(string user, params IEnumerable<string> groups) =>
        new(_configuration, _http, [("Impersonate-User", user), .. groups.Select(group => ("Impersonate-Group", group))]);

    /// <summary>The same server, known by a bearer token alone. Dispose it.</summary>
    public ApiClient WithToken(string token) => new(_configuration, Connect(_configuration, new Credential($"Bearer {token}", null)), []);

    /// <summary>The same server, known by nothing. Dispose it.</summary>
    public ApiClient Anonymous() => new(_configuration, Connect(_configuration, Credential.None), []);

    public Task<ApiAnswer> GetAsync(string path, string? accept = null) => SendAsync(HttpMethod.Get, path, null, null, accept);

    public Task<ApiAnswer> PostAsync(string path, JsonNode body) => SendAsync(HttpMethod.Post, path, body.ToJsonString());

    public Task<ApiAnswer> PutAsync(string path, JsonNode body) => SendAsync(HttpMethod.Put, path, body.ToJsonString());

    public Task<ApiAnswer> PatchAsync(string path, PatchType type, JsonNode body) => SendAsync(HttpMethod.Patch, path, body.ToJsonString(), type switch
    {
        PatchType.Json => "application/json-patch+json",
        PatchType.Merge => "application/merge-patch+json",
        PatchType.Strategic => "application/strategic-merge-patch+json",
        _ => "application/apply-patch+yaml",
    });

    /// <summary>Server-side apply.</summary>
    public Task<ApiAnswer> ApplyAsync(string path, string manager, JsonNode body, bool force = false) =>
        PatchAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}fieldManager={manager}{(force ? "&force=true" : "")}", PatchType.Apply, body);

    public Task<ApiAnswer> DeleteAsync(string path, JsonNode? options = null) => SendAsync(HttpMethod.Delete, path, options?.ToJsonString());

    /// <summary>Sends what is given as it is.</summary>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, string? body, string? contentType = null, string? accept = null)
    {
        using var request = Request(method, path, accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType ?? "application/json");
        }

        using var late = new CancellationTokenSource(AnswersWithin);
        using var response = await _http.SendAsync(request, late.Token);
        var text = await response.Content.ReadAsStringAsync(late.Token);
        return new ApiAnswer($"{method} {path}", (int)response.StatusCode, text, response.Headers, response.Content.Headers);
    }

    /// <summary>Null when nobody answers.</summary>
    public async Task<ApiAnswer?> TryGetAsync(string path)
    {
        try
        {
            return await GetAsync(path);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The events of a watch, until the server or the reader ends it. The path says <c>?watch=true</c> and the rest.</summary>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, path, null);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"GET {path} -> {(int)response.StatusCode} {(response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(cancellationToken))}");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var json = JsonNode.Parse(line)!;
            yield return new WatchEvent((string)json["type"]!, json["object"]!.AsObject());
        }
    }

    /// <summary>Opens a WebSocket; fails the case when it is refused.</summary>
    /// <param name="path">With its query.</param>
    /// <param name="protocols">Those offered.</param>
    public async Task<WebSocket> OpenAsync(string path, params IEnumerable<string> protocols)
    {
        var socket = new ClientWebSocket();
        foreach (var protocol in protocols)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        foreach (var (name, value) in _headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        using var late = new CancellationTokenSource(AnswersWithin);
        var server = new UriBuilder(new Uri(_configuration.Server.AbsoluteUri.TrimEnd('/') + path));
        server.Scheme = server.Scheme == "https" ? "wss" : "ws";
        await socket.ConnectAsync(server.Uri, _http, late.Token);
        return socket;
    }

    /// <summary>Waits until an object is there and as it should be; a bound later the case fails and shows what it was like.</summary>
    /// <param name="path">Of one object.</param>
    /// <param name="condition">What is awaited.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="within">Default: 90 s.</param>
    public Task<JsonObject> AwaitAsync(string path, Func<JsonObject, bool> condition, string what, TimeSpan? within = null) =>
        AwaitAnswerAsync(path, answer => answer.Status == 200 && condition(answer.Body), what, within);

    /// <summary>Waits until an object is gone.</summary>
    public Task AwaitGoneAsync(string path, TimeSpan? within = null) => AwaitAnswerAsync(path, answer => answer.Status == 404, "to be gone", within);

    public void Dispose() => _http.Dispose();

    async Task<JsonObject> AwaitAnswerAsync(string path, Func<ApiAnswer, bool> condition, string what, TimeSpan? within)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await GetAsync(path);
            if (condition(answer))
            {
                return answer.Body;
            }

            Assert.False(TimeProvider.System.GetElapsedTime(start) > (within ?? HappensWithin), $"waited {(within ?? HappensWithin).TotalSeconds} s for {what}: {answer}");
            await NextChangeAsync(path, answer);
        }
    }

    /// <summary>Returns at the next change of the object, or after a while, for what no watch tells.</summary>
    async Task NextChangeAsync(string path, ApiAnswer answer)
    {
        var slash = path.LastIndexOf('/');
        using var aWhile = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            var version = answer.Status == 200 ? (string?)answer.Body["metadata"]?["resourceVersion"] : null;
            // One that is not there yet has no version to watch from, and may come before the watch does.
            var from = version is null ? "" : $"&resourceVersion={version}";
            await foreach (var change in WatchAsync($"{path[..slash]}?watch=true&fieldSelector=metadata.name={path[(slash + 1)..]}{from}", aWhile.Token))
            {
                if (change.Type != "BOOKMARK")
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // look again
        }
    }

    HttpRequestMessage Request(HttpMethod method, string path, string? accept)
    {
        var request = new HttpRequestMessage(method, new Uri(_configuration.Server.AbsoluteUri.TrimEnd('/') + path))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json");
        request.Headers.Host = _configuration.TlsServerName;
        foreach (var (name, value) in _headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    static HttpClient Connect(KubernetesConfiguration configuration, Credential credential)
    {
        var http = new HttpClient(ServerConnection.CreateHandler(configuration, credential.Certificate)) { Timeout = Timeout.InfiniteTimeSpan };
        if (credential.Authorization is { } authorization)
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        return http;
    }
}
