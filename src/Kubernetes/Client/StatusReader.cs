using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Client;

/// <summary>Turns a refusal into an exception, whether the server itself or something before it refused.</summary>
static class StatusReader
{
    const int MaxQuotedCharacters = 300;

    public static KubernetesApiException Read(HttpStatusCode code, HttpResponseHeaders headers, ReadOnlySpan<byte> body, string request, DateTimeOffset now)
    {
        var status = TryParse(body) ?? new V1Status { Code = (int)code, Status = "Failure", Message = Describe(code, body, request) };
        return new KubernetesApiException(code, status, RetryAfter(headers.RetryAfter, now) ?? RetryAfter(status));
    }

    /// <summary>The object of an ERROR event.</summary>
    public static KubernetesApiException OfEvent(V1Status? status)
    {
        status ??= new V1Status { Code = 500, Message = "the watch ended with an error that has no status" };
        return new KubernetesApiException((HttpStatusCode)(status.Code ?? 500), status, RetryAfter(status));
    }

    static V1Status? TryParse(ReadOnlySpan<byte> body)
    {
        try
        {
            var status = JsonSerializer.Deserialize(body, KubernetesJson.Default.V1Status);
            return status is { Kind: "Status", Message: not null } ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string Describe(HttpStatusCode code, ReadOnlySpan<byte> body, string request)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxQuotedCharacters)]).ReplaceLineEndings(" ").Trim();
        return $"{request}: the server answered {(int)code} {code}{(text.Length == 0 ? "" : $": {text}")}";
    }

    static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now) =>
        header?.Delta ?? (header?.Date is { } date ? TimeSpan.FromTicks(Math.Max(0, (date - now).Ticks)) : null);

    static TimeSpan? RetryAfter(V1Status status) =>
        status.Details?.RetryAfterSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null;
}
