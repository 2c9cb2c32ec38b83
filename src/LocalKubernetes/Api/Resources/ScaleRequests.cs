using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Patches;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>The <c>/scale</c> subresource: a view of the replicas of any kind that says where it keeps them.</summary>
sealed class ScaleRequests(Store store)
{
    public Task GetAsync(HttpContext context, ResourceKind kind, ApiPath path) =>
        Answer.JsonAsync(context, ScaleOf(kind, store.Get(kind, path.Namespace, path.Name!).Json));

    public async Task WriteAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) ?? throw ApiError.BadRequest("a scale needs a body");
        var before = store.Get(kind, path.Namespace, path.Name!).Json;
        var scale = ScaleOf(kind, before);
        var changed = (context.Request.Method == HttpMethods.Put ? body : Patched(context.Request, scale, body)) as JsonObject ?? throw ApiError.BadRequest("the scale is no object");
        var replicas = changed.Object("spec").Number("replicas") ?? 0;
        if (replicas < 0)
        {
            throw ApiError.Invalid(kind, path.Name!, [FieldError.Invalid("spec.replicas", replicas, "should be a non-negative integer")]);
        }

        if (Meta.ResourceVersion(changed) is { Length: > 0 } version && version != Meta.ResourceVersion(before))
        {
            throw ApiError.Modified(kind, path.Name!);
        }

        var options = WriteQuery.Of(context.Request);
        var result = store.Patch(kind, path.Namespace, path.Name!, PatchType.Merge, Nested(kind.Scale!.SpecReplicas, replicas), null, options);
        await Answer.JsonAsync(context, ScaleOf(kind, result.Object.Json));
    }

    static JsonNode? Patched(HttpRequest request, JsonObject scale, JsonNode patch) => RequestBody.MediaType(request) switch
    {
        "application/json-patch+json" => JsonPatch.Apply(scale, patch as JsonArray ?? throw ApiError.BadRequest("a JSON patch is a list of operations")),
        "application/merge-patch+json" or "application/strategic-merge-patch+json" => MergePatch.Apply(scale, patch),
        _ => throw ApiError.UnsupportedMediaType("the scale subresource takes application/json-patch+json and application/merge-patch+json"),
    };

    static JsonObject ScaleOf(ResourceKind kind, JsonObject obj)
    {
        var paths = kind.Scale!;
        var metadata = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[name] = obj.Object("metadata")?[name]?.DeepClone();
        }

        var status = new JsonObject { ["replicas"] = obj.At(paths.StatusReplicas).AsNumber() ?? 0 };
        if (SelectorOf(kind, obj) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = obj.At(paths.SpecReplicas).AsNumber() ?? 0 },
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
