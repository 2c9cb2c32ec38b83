using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Slotwise.LocalKubernetes.Nodes.Probes;

/// <summary>Asks a server about its health over gRPC (grpc.health.v1.Health/Check, github.com/grpc/grpc/blob/master/doc/health-checking.md), without TLS as the kubelet does.</summary>
static class AskGrpcHealth
{
    const int Unimplemented = 12;
    const int FrameHeader = 5;

    static readonly string[] Answers = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    /// <param name="http">Must not use a proxy.</param>
    /// <param name="server">Host and port.</param>
    /// <param name="service">What is asked about; empty: the server as a whole. At most 127 characters.</param>
    public static async Task<ProbeAnswer> AskAsync(HttpClient http, string server, string service, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{server}/grpc.health.v1.Health/Check")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(service)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.ParseAdd("trailers");
        using var response = await http.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var code = Header(response.TrailingHeaders, "grpc-status") ?? Header(response.Headers, "grpc-status") ?? "2";
        if (code != "0")
        {
            var message = Header(response.TrailingHeaders, "grpc-message") ?? Header(response.Headers, "grpc-message") ?? $"HTTP status code {(int)response.StatusCode}";
            return new ProbeAnswer(false, code == $"{Unimplemented}"
                ? $"this server does not implement the grpc health protocol (grpc.health.v1.Health): {message}"
                : $"rpc error: code = {code} desc = {message}");
        }

        var status = StatusIn(body);
        return new ProbeAnswer(status == 1, $"service {(status == 1 ? "healthy" : "unhealthy")} (responded with \"{(status < Answers.Length ? Answers[status] : $"{status}")}\")");
    }

    /// <summary>A message with the one field <c>service</c>.</summary>
    static byte[] Frame(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        byte[] message = name.Length == 0 ? [] : [0x0A, (byte)name.Length, .. name];
        var frame = new byte[FrameHeader + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, FrameHeader);
        return frame;
    }

    /// <summary>The field <c>status</c> of the answer; 0 where it is left out.</summary>
    static int StatusIn(byte[] body) => body.Length >= FrameHeader + 2 && body[FrameHeader] == 0x08 ? body[FrameHeader + 1] : 0;

    static string? Header(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
