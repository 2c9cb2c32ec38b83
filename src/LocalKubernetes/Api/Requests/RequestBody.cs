using System.Text;
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

    const string NoVersion = "couldn't get version/kind; json parse error: ";

    /// <summary>The body's media type without parameters.</summary>
    public static string MediaType(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var type = request.ContentType ?? "application/json";
        var end = type.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? type : type[..end]).Trim();
    }

    /// <summary>A body of any sort; null when it is empty. Fields that it gives twice are left with the request, see <see cref="DuplicatesIn"/>.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: unreadable; 413: too large; 415: another form.</exception>
    public static async Task<JsonNode?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(request, cancellationToken);
        return bytes.Length == 0 ? null : Parse(request, bytes, why => NoVersion + why);
    }

    /// <summary>An object of a kind.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">As <see cref="ReadAsync"/>.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpRequest request, string kind, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(request, cancellationToken);
        return bytes.Length == 0
            ? throw Unrecognized($"{NoVersion}unexpected end of JSON input")
            : Parse(request, bytes, Unrecognizable) switch
            {
                JsonObject obj => obj,
                JsonArray => throw Unrecognized($"{NoVersion}json: cannot unmarshal array into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"),
                _ => throw Unrecognized("Object 'Kind' is missing"),
            };

        string Unrecognizable(string why) => UnrecognizedText(why.StartsWith("yaml:", StringComparison.Ordinal) ? why : NoVersion + why);

        Kubernetes.Api.KubernetesApiException Unrecognized(string why) => ApiError.BadRequest(UnrecognizedText(why));

        string UnrecognizedText(string why) => $"the object provided is unrecognized (must be of type {kind}): {why} ({Summary(bytes)})";
    }

    /// <summary>A patch.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">As <see cref="ReadAsync"/>.</exception>
    public static async Task<JsonNode> ReadPatchAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(request, cancellationToken);
        return (bytes.Length == 0 ? null : Parse(request, bytes, why => $"error decoding patch: {why}"))
            ?? throw ApiError.BadRequest("error decoding patch: unexpected end of JSON input");
    }

    /// <summary>The paths of the fields that the request's body gave more than once.</summary>
    public static IReadOnlyList<string> DuplicatesIn(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.HttpContext.Features.Get<DuplicateFields>()?.Paths ?? [];
    }

    static JsonNode? Parse(HttpRequest request, byte[] bytes, Func<string, string> describe)
    {
        var media = MediaType(request);
        try
        {
            return media switch
            {
                // YAML includes JSON, and JSON is what kubectl sends as YAML.
                _ when media.EndsWith("json", StringComparison.Ordinal) || (IsYaml(media) && bytes[0] == '{') => ParseJson(request, bytes),
                _ when IsYaml(media) => KubernetesYaml.Read(Encoding.UTF8.GetString(bytes)),
                "application/vnd.kubernetes.protobuf" => ProtobufBody.Parse(bytes),
                _ => throw ApiError.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"),
            };
        }
        catch (FormatException e)
        {
            throw ApiError.BadRequest(describe(e.Message));
        }
        catch (KubernetesYamlException e)
        {
            throw ApiError.BadRequest(describe($"yaml: {e.Message}"));
        }
    }

    static bool IsYaml(string media) => media.EndsWith("yaml", StringComparison.Ordinal);

    static JsonNode? ParseJson(HttpRequest request, byte[] bytes)
    {
        var (value, duplicates) = LenientJson.Read(bytes);
        if (duplicates.Count > 0)
        {
            request.HttpContext.Features.Set(new DuplicateFields(duplicates));
        }

        return value;
    }

    // As apimachinery shows what it could not read.
    static string Summary(byte[] bytes) => bytes switch
    {
        [] => "<empty>",
        [(byte)'{', ..] => bytes.Length > 30 ? Encoding.UTF8.GetString(bytes, 0, 30) + " ..." : Encoding.UTF8.GetString(bytes),
        _ => bytes.Length > 30 ? Convert.ToHexStringLower(bytes, 0, 30) + " ..." : Convert.ToHexStringLower(bytes),
    };

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
                throw ApiError.TooLarge($"limit is {Largest}");
            }
        }

        return buffer.ToArray();
    }

    sealed record DuplicateFields(IReadOnlyList<string> Paths);
}
