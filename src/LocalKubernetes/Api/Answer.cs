using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.LocalKubernetes.Api;

/// <summary>Writes what the server says.</summary>
static class Answer
{
    public const string Json = "application/json";

    public static readonly JsonSerializerOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static Task JsonAsync(HttpContext context, JsonNode body, int code = StatusCodes.Status200OK, string contentType = Json) =>
        BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(body, Options), code, contentType);

    public static async Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> body, int code = StatusCodes.Status200OK, string contentType = Json)
    {
        if (contentType == Json && AcceptedForm.WantsYaml(context.Request))
        {
            contentType = "application/yaml";
            body = System.Text.Encoding.UTF8.GetBytes(KubernetesYaml.Write(JsonNode.Parse(body.Span)));
        }

        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public static Task TextAsync(HttpContext context, string text, int code = StatusCodes.Status200OK) =>
        BytesAsync(context, System.Text.Encoding.UTF8.GetBytes(text), code, "text/plain; charset=utf-8");

    /// <summary>Of paths that are no API, 404 is not a Status.</summary>
    public static Task NoPageAsync(HttpContext context) => TextAsync(context, "404 page not found\n", StatusCodes.Status404NotFound);

    public static Task RefusalAsync(HttpContext context, KubernetesApiException refusal)
    {
        if (refusal.Status.Details?.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return JsonAsync(context, StatusOf(refusal), (int)refusal.Code);
    }

    public static JsonNode StatusOf(KubernetesApiException refusal) => JsonSerializer.SerializeToNode(refusal.Status, Options)!;

    public static Task SuccessAsync(HttpContext context, ResourceKind kind, string name, string uid)
    {
        var status = new V1Status { Status = "Success", Details = new V1StatusDetails { Name = name, Group = kind.Kind.Group.Length == 0 ? null : kind.Kind.Group, Kind = kind.Kind.Plural, Uid = uid } };
        return JsonAsync(context, JsonSerializer.SerializeToNode(status, Options)!);
    }

    public static void Warn(HttpContext context, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            context.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }
}
