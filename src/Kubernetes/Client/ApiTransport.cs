using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Kubernetes.Client;

/// <summary>Sends one request as the configured user and says plainly what went wrong when no answer comes.</summary>
sealed class ApiTransport : IDisposable
{
    readonly KubernetesConfiguration _configuration;
    readonly Uri _base;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    HttpClient? _client;
    X509Certificate2? _clientCertificate;

    public ApiTransport(KubernetesConfiguration configuration, TimeProvider time)
    {
        _configuration = configuration;
        _time = time;
        _base = new Uri(configuration.Server.AbsoluteUri.TrimEnd('/'));
    }

    /// <param name="create">Makes the request; called again when it must be sent again, as a message can be sent only once.</param>
    /// <returns>A successful response.</returns>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var credential = await CredentialAsync(cancellationToken);
            var (response, request) = await SendOnceAsync(create, credential, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                var body = await ReadBodyAsync(response, cancellationToken);
                var refusal = StatusReader.Read(response.StatusCode, response.Headers, body, request, _time.GetUtcNow());
                if (!refusal.IsUnauthorized)
                {
                    throw refusal;
                }

                if (!_configuration.Credentials.Renew(credential) || attempt > 0)
                {
                    throw Unauthorized(refusal);
                }
            }
        }
    }

    public async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellationToken))
        {
            throw Unreachable(exception);
        }
    }

    public static bool IsNoAnswer(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>One line: where, why, and what to look at.</summary>
    public KubernetesUnreachableException Unreachable(Exception exception)
    {
        var (cause, remedy) = Explain(exception);
        var source = _configuration.Source.Length == 0 ? "" : $" (from {_configuration.Source})";
        return new KubernetesUnreachableException($"cannot reach the Kubernetes API server at {_configuration.Server}{source}: {cause}; {remedy}", exception);
    }

    public void Dispose() => _client?.Dispose();

    async Task<Credential> CredentialAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _configuration.Credentials.GetAsync(cancellationToken);
        }
        catch (KubernetesConfigurationException exception)
        {
            // a plugin or a token file may work again later: to callers this is a server that cannot be asked now
            throw new KubernetesUnreachableException(exception.Message, exception);
        }
    }

    /// <summary>The server says only "Unauthorized"; the user needs to know whose credentials those were.</summary>
    KubernetesApiException Unauthorized(KubernetesApiException refusal)
    {
        var source = _configuration.Source.Length == 0 ? "used" : $"of {_configuration.Source}";
        var message = $"the Kubernetes API server at {_configuration.Server} refused the credentials {source} (401 {refusal.Message}): they have expired or are not for this server; log in again";
        return new KubernetesApiException(refusal.Code, refusal.Status with { Message = message }, refusal.RetryAfter);
    }

    static (string Cause, string Remedy) Explain(Exception exception)
    {
        if (exception is OperationCanceledException or TimeoutException)
        {
            return ("no answer in time", "check that the server is up and that nothing between drops packets");
        }

        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException)
            {
                return ($"TLS: {inner.Message}", "check certificate-authority and tls-server-name");
            }
        }

        return (exception.GetBaseException().Message, "check that the server is up and its address is right");
    }

    async Task<(HttpResponseMessage Response, string Request)> SendOnceAsync(Func<HttpRequestMessage> create, Credential credential, CancellationToken cancellationToken)
    {
        using var request = create();
        var description = $"{request.Method} {request.RequestUri}";
        request.RequestUri = new Uri(_base.AbsoluteUri.TrimEnd('/') + request.RequestUri);
        request.Version = System.Net.HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        if (!request.Headers.Contains("Accept"))
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        }

        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(_configuration.Program, typeof(ApiTransport).Assembly.GetName().Version?.ToString(3)));
        request.Headers.Host = _configuration.TlsServerName; // the handler takes the name to verify from here
        if (credential.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        try
        {
            return (await ClientFor(credential).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken), description);
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellationToken))
        {
            throw Unreachable(exception);
        }
    }

    /// <summary>Connections are bound to the certificate they were opened with; a renewed one needs new connections.</summary>
    HttpClient ClientFor(Credential credential)
    {
        lock (_lock)
        {
            if (_client is null || !Equals(_clientCertificate?.Thumbprint, credential.Certificate?.Thumbprint))
            {
                _client = new HttpClient(ServerConnection.CreateHandler(_configuration, credential.Certificate)) { Timeout = Timeout.InfiniteTimeSpan };
                _clientCertificate = credential.Certificate;
            }

            return _client;
        }
    }
}
