using System.Buffers.Text;
using System.Text;

namespace Slotwise.ObjectStore.Selection;

/// <summary>Where the next page of a list begins, in the form that Kubernetes gives it (<c>k8s.io/apiserver/pkg/storage/continue.go</c>).</summary>
/// <param name="Version">The version that all pages show; -1: that of the moment, which makes the list inconsistent.</param>
/// <param name="After">The last object of the page before.</param>
sealed record ContinueToken(long Version, NamespacedName After)
{
    const string Form = "meta.k8s.io/v1";

    public string Write(string? ns)
    {
        var start = string.IsNullOrEmpty(ns) && After.Namespace.Length > 0 ? $"{After.Namespace}/{After.Name}" : After.Name;
        var json = new JsonObject { ["v"] = Form, ["rv"] = Version, ["start"] = start + '\0' };
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <exception cref="KubernetesApiException">400: not one that this server gave.</exception>
    public static ContinueToken Read(string token, ResourceKind kind, string? ns)
    {
        var json = Decode(token);
        if (json.Text("v") != Form)
        {
            throw Fault($"server does not recognize this encoded version \"{json.Text("v")}\"");
        }

        if (json.Number("rv") is not { } version || version == 0)
        {
            throw Fault($"incorrect encoded start resourceVersion (version {Form})");
        }

        var start = (json.Text("start") ?? "").TrimStart('/').TrimEnd('\0');
        if (start.Length == 0)
        {
            throw Fault($"encoded start key empty (version {Form})");
        }

        if (start.Contains("..", StringComparison.Ordinal))
        {
            throw Fault(start);
        }

        var parts = start.Split('/', 2);
        return new ContinueToken(version, parts.Length == 2
            ? new NamespacedName(parts[0], parts[1])
            : new NamespacedName(kind.Kind.Namespaced ? ns ?? "" : "", parts[0]));
    }

    static JsonObject Decode(string token)
    {
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(token.TrimEnd('='))) as JsonObject ?? throw Fault("it is no object");
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Fault(e.Message);
        }
    }

    static KubernetesApiException Fault(string why) => ApiError.BadRequest($"invalid continue token: continue key is not valid: {why}");
}
