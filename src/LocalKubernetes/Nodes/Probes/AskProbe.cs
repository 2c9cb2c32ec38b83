using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Containers;

namespace Slotwise.LocalKubernetes.Nodes.Probes;

/// <summary>Asks a container one question over exec, HTTP or TCP. Serves lifecycle hooks too, which ask the same way.</summary>
/// <param name="from">The host's own address, so that what is asked does not depend on the links of the machine that it stands on.</param>
public sealed class AskProbe(IPAddress from, TimeProvider time) : IDisposable
{
    const int LongestBody = 10 * 1024;

    readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await ConnectAsync(socket, from, context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
#pragma warning disable CA5359 // the kubelet does not verify either: probes speak to an address, not to a name
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public Task<ProbeAnswer> AskAsync(V1Probe probe, V1Container container, IRunningContainer running, IPAddress podAddress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(probe);
        if (probe.Grpc is { } grpc)
        {
            return WithinAsync(token => AskGrpcHealth.AskAsync(_http, $"{podAddress}:{grpc.Port}", grpc.Service ?? "", token), TimeoutOf(probe), cancellationToken);
        }

        var handler = new V1LifecycleHandler { Exec = probe.Exec, HttpGet = probe.HttpGet, TcpSocket = probe.TcpSocket };
        return AskAsync(handler, container, running, podAddress, TimeoutOf(probe), cancellationToken);
    }

    public async Task<ProbeAnswer> AskAsync(V1LifecycleHandler handler, V1Container container, IRunningContainer running, IPAddress podAddress, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(running);
        if (handler.Exec is { Command: { Count: > 0 } command })
        {
            var result = await running.ExecuteAsync(command, timeout, cancellationToken);
            return result.TimedOut
                ? new ProbeAnswer(false, $"command timed out: \"{string.Join(' ', command)}\" timed out after {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s")
                : new ProbeAnswer(result.Code == 0, result.Output);
        }

        return await WithinAsync(
            token => handler switch
            {
                { HttpGet: { } get } => AskHttpAsync(get, container, podAddress, token),
                { TcpSocket: { } tcp } => AskTcpAsync(tcp, container, podAddress, token),
                { Sleep: { } sleep } => SleepAsync(sleep, token),
                _ => Task.FromResult(new ProbeAnswer(true, "")),
            },
            timeout,
            cancellationToken);
    }

    static TimeSpan TimeoutOf(V1Probe probe) => TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));

    async Task<ProbeAnswer> WithinAsync(Func<CancellationToken, Task<ProbeAnswer>> ask, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new ProbeAnswer(false, $"no answer within {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            return new ProbeAnswer(false, e.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    async Task<ProbeAnswer> AskHttpAsync(V1HTTPGetAction get, V1Container container, IPAddress podAddress, CancellationToken cancellationToken)
    {
        if (!TryPort(get.Port, container, out var port))
        {
            return new ProbeAnswer(false, $"the container has no port named \"{get.Port}\"");
        }

        var scheme = get.Scheme is "HTTPS" ? "https" : "http";
        var path = get.Path is { Length: > 0 } given ? given : "/";
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{get.Host ?? podAddress.ToString()}:{port}{(path.StartsWith('/') ? "" : "/")}{path}");
        request.Headers.UserAgent.ParseAdd("kube-probe/1.35");
        foreach (var header in get.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await SendAsync(request, cancellationToken);
        if (response is null)
        {
            return new ProbeAnswer(false, $"Get \"{request.RequestUri}\": dial tcp {request.RequestUri!.Authority}: connect: connection refused");
        }

        if ((int)response.StatusCode is >= 200 and < 400)
        {
            return new ProbeAnswer(true, "");
        }

        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return new ProbeAnswer(false, $"HTTP probe failed with statuscode: {(int)response.StatusCode}{(body.Length > 0 ? $": {body[..Math.Min(body.Length, LongestBody)]}" : "")}");
    }

    /// <summary>Null when nobody listens.</summary>
    async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return null;
        }
    }

    async Task<ProbeAnswer> SleepAsync(V1SleepAction sleep, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), time, cancellationToken);
        return new ProbeAnswer(true, "");
    }

    static string Words(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.HostUnreachable => "connect: no route to host",
        SocketError.TimedOut => "i/o timeout",
        _ => e.Message,
    };

    async Task<ProbeAnswer> AskTcpAsync(V1TCPSocketAction tcp, V1Container container, IPAddress podAddress, CancellationToken cancellationToken)
    {
        if (!TryPort(tcp.Port, container, out var port))
        {
            return new ProbeAnswer(false, $"the container has no port named \"{tcp.Port}\"");
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var host = tcp.Host ?? podAddress.ToString();
        try
        {
            await ConnectAsync(socket, from, new DnsEndPoint(host, port), cancellationToken);
            return new ProbeAnswer(true, "");
        }
        catch (SocketException e)
        {
            return new ProbeAnswer(false, $"dial tcp {host}:{port}: {Words(e)}");
        }
    }

    static async ValueTask ConnectAsync(Socket socket, IPAddress from, DnsEndPoint to, CancellationToken cancellationToken)
    {
        socket.Bind(new IPEndPoint(from.MapToIPv6(), 0));
        await socket.ConnectAsync(to.Host, to.Port, cancellationToken);
    }

    static bool TryPort(IntOrString port, V1Container container, out int number)
    {
        number = port.IsNumber ? (int)port.Number : container.Ports?.FirstOrDefault(candidate => candidate.Name == port.ToString())?.ContainerPort ?? 0;
        return number > 0 || int.TryParse(port.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
