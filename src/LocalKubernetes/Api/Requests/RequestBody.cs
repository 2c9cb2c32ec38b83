using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Json;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>Reads bodies in JSON, YAML or Kubernetes' protobuf.</summary>
public static class RequestBody
{
    /// <summary>As large as Kubernetes takes.</summary>
    const int Largest = 3 * 1024 * 1024;

    static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>The body's media type without parameters.</summary>
    public static string MediaType(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var type = request.ContentType ?? "application/json";
        var end = type.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? type : type[..end]).Trim();
    }

    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: unreadable; 413: too large; 415: another form.</exception>
    public static async Task<JsonNode?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(request, cancellationToken);
        if (bytes.Length == 0)
        {
            return null;
        }

        var media = MediaType(request);
        return media switch
        {
            _ when media.EndsWith("json", StringComparison.Ordinal) => ParseJson(bytes),
            // An apply patch is YAML, of which JSON is a part, and JSON is what kubectl sends.
            _ when media.EndsWith("yaml", StringComparison.Ordinal) => bytes[0] == '{' ? ParseJson(bytes) : ParseYaml(bytes),
            "application/vnd.kubernetes.protobuf" => ProtobufBody.Parse(bytes),
            _ => throw ApiError.UnsupportedMediaType($"the body of the request was in an unknown format ({media}) - accepted media types include: application/json, application/yaml"),
        };
    }

    static JsonNode? ParseJson(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: Options);
        }
        catch (JsonException e)
        {
            throw ApiError.BadRequest($"the object provided is unrecognized: it is not valid JSON: {e.Message}");
        }
    }

    static JsonNode? ParseYaml(byte[] bytes)
    {
        try
        {
            return KubernetesYaml.Read(Encoding.UTF8.GetString(bytes));
        }
        catch (KubernetesYamlException e)
        {
            throw ApiError.BadRequest($"error decoding YAML: {e.Message}");
        }
    }

    static async Task<byte[]> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > Largest)
            {
                throw ApiError.Of(System.Net.HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge", $"Request entity too large: limit is {Largest}", null);
            }
        }

        return buffer.ToArray();
    }
}
