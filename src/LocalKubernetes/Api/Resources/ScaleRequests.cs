using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Discovery;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Patches;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>The <c>/scale</c> subresource: a view of the replicas of any kind that says where it keeps them.</summary>
sealed class ScaleRequests(Store store)
{
    const string Part = "scale";

    public Task GetAsync(HttpContext context, ResourceKind kind, ApiPath path) =>
        Answer.JsonAsync(context, ScaleOf(kind, store.Get(kind, path.Namespace, path.Name!).Json));

    public async Task WriteAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var request = context.Request;
        var isPut = request.Method == HttpMethods.Put;
        var body = isPut
            ? await RequestBody.ReadObjectAsync(request, "Scale", context.RequestAborted)
            : await RequestBody.ReadPatchAsync(request, context.RequestAborted);
        var before = store.Get(kind, path.Namespace, path.Name!).Json;
        var isApply = !isPut && RequestBody.MediaType(request) == "application/apply-patch+yaml";
        var changed = (isPut || isApply ? body : Patched(request, ScaleOf(kind, before), body)) as JsonObject ?? throw ApiError.BadRequest("the scale is no object");
        Check(changed, path.Name!);
        var replicas = changed.Object("spec").Number("replicas") ?? 0;
        if (Meta.ResourceVersion(changed) is { Length: > 0 } version && version != Meta.ResourceVersion(before))
        {
            throw ApiError.Modified(kind, path.Name!);
        }

        var write = Nested(kind.Scale!.SpecReplicas, replicas);
        if (isApply)
        {
            write["apiVersion"] = kind.Kind.ApiVersion;
            write["kind"] = kind.Kind.Kind;
        }

        var result = store.Patch(kind, path.Namespace, path.Name!, isApply ? PatchType.Apply : PatchType.Merge, write, Part, WriteQuery.Of(request));
        await Answer.JsonAsync(context, ScaleOf(kind, result.Object.Json));
    }

    static void Check(JsonObject scale, string name)
    {
        var (version, kind) = (scale.Text("apiVersion"), scale.Text("kind"));
        if (version is { Length: > 0 } && kind is { Length: > 0 } && (version != Subresources.Scale.ApiVersion || kind != Subresources.Scale.Kind))
        {
            throw ApiError.BadRequest($"{kind} in version \"{version[(version.IndexOf('/', StringComparison.Ordinal) + 1)..]}\" cannot be handled as a Scale: no kind \"{kind}\" is registered for version \"{version}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"");
        }

        if (scale.Object("spec").Number("replicas") is < 0 and { } replicas)
        {
            throw ApiError.Invalid(Subresources.Scale.Group, Subresources.Scale.Kind, name, [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
        }
    }

    static JsonNode? Patched(HttpRequest request, JsonObject scale, JsonNode patch) => RequestBody.MediaType(request) switch
    {
        "application/json-patch+json" => JsonPatch.Apply(scale, patch as JsonArray ?? throw ApiError.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")),
        "application/merge-patch+json" or "application/strategic-merge-patch+json" => MergePatch.Apply(scale, patch),
        _ => throw ApiError.Of(System.Net.HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "415: Unsupported Media Type", new Kubernetes.Models.V1StatusDetails()),
    };

    static JsonObject ScaleOf(ResourceKind kind, JsonObject obj)
    {
        var paths = kind.Scale!;
        var metadata = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[name] = obj.Object("metadata")?[name]?.DeepClone();
        }

        // Zero replicas are wanted by saying nothing: the field is no pointer.
        var spec = new JsonObject();
        if (obj.At(paths.SpecReplicas).AsNumber() is { } replicas and not 0)
        {
            spec["replicas"] = replicas;
        }

        var status = new JsonObject { ["replicas"] = obj.At(paths.StatusReplicas).AsNumber() ?? 0 };
        if (SelectorOf(kind, obj) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["kind"] = Subresources.Scale.Kind,
            ["apiVersion"] = Subresources.Scale.ApiVersion,
            ["metadata"] = metadata,
            ["spec"] = spec,
            ["status"] = status,
        };
    }

    static string? SelectorOf(ResourceKind kind, JsonObject obj)
    {
        if (kind.Scale!.LabelSelector is { } path)
        {
            return obj.At(path).AsText();
        }

        return obj.Object("spec").Object("selector").Object("matchLabels") is { } labels
            ? string.Join(",", labels.Select(label => $"{label.Key}={label.Value}"))
            : null;
    }

    static JsonObject Nested(string path, long value)
    {
        JsonNode node = JsonValue.Create(value);
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            node = new JsonObject { [part] = node };
        }

        return (JsonObject)node;
    }
}
