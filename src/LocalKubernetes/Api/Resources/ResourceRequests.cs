using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.LocalKubernetes.Api.Tables;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>Reads and writes of objects and collections.</summary>
sealed class ResourceRequests(Store store, TimeProvider time)
{
    public async Task GetAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var stored = WriteQuery.AsOf(context.Request) is { } version
            ? store.GetAt(kind, path.Namespace, path.Name!, version)
            : store.Get(kind, path.Namespace, path.Name!);
        await WriteAsync(context, kind, stored, StatusCodes.Status200OK);
    }

    public async Task ListAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var form = AcceptedForm.Of(context.Request);
        var list = store.List(kind, path.Namespace, WriteQuery.List(context.Request));
        var metadata = new JsonObject { ["resourceVersion"] = Text(list.ResourceVersion) };
        if (list.Continue is not null)
        {
            metadata["continue"] = list.Continue;
            metadata["remainingItemCount"] = list.Remaining;
        }

        switch (form)
        {
            case AnswerForm.Table:
                await Answer.JsonAsync(context, new TableOf(kind, WriteQuery.Text(context.Request, "includeObject"), time).Build(list.Items, metadata));
                break;
            case AnswerForm.Metadata:
                await Answer.JsonAsync(context, new JsonObject
                {
                    ["kind"] = "PartialObjectMetadataList",
                    ["apiVersion"] = "meta.k8s.io/v1",
                    ["metadata"] = metadata,
                    ["items"] = new JsonArray([.. list.Items.Select(item => MetadataOnly.Of(item.Json))]),
                });
                break;
            default:
                await Answer.BytesAsync(context, ListOf(kind, list, metadata));
                break;
        }
    }

    public async Task CreateAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var body = await ReadObjectAsync(context);
        var result = store.Create(kind, path.Namespace, body, WriteQuery.Of(context.Request));
        await WriteAsync(context, kind, result);
    }

    public async Task UpdateAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var body = await ReadObjectAsync(context);
        await WriteAsync(context, kind, store.Update(kind, path.Namespace, path.Name!, body, StatusOnly(path), WriteQuery.Of(context.Request)));
    }

    public async Task PatchAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var type = PatchTypeOf(context.Request);
        var patch = await RequestBody.ReadAsync(context.Request, context.RequestAborted) ?? throw ApiError.BadRequest("a patch needs a body");
        if (type is PatchType.Apply && WriteQuery.Text(context.Request, "fieldManager") is null)
        {
            throw ApiError.BadRequest("fieldManager: Required value: is required for apply patch");
        }

        await WriteAsync(context, kind, store.Patch(kind, path.Namespace, path.Name!, type, patch, StatusOnly(path), WriteQuery.Of(context.Request)));
    }

    public async Task DeleteAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var (options, dryRun) = await DeletionRequest.ReadAsync(context);
        var result = store.Delete(kind, path.Namespace, path.Name!, options, dryRun);
        if (result.Gone)
        {
            await Answer.SuccessAsync(context, kind, path.Name!, Meta.Uid(result.Object.Json));
        }
        else
        {
            await WriteAsync(context, kind, result.Object, StatusCodes.Status200OK);
        }
    }

    public async Task DeleteAllAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var query = WriteQuery.List(context.Request);
        var (options, dryRun) = await DeletionRequest.ReadAsync(context);
        var deleted = store.DeleteAll(kind, path.Namespace, query, options, dryRun);
        var metadata = new JsonObject { ["resourceVersion"] = Text(store.ResourceVersion) };
        await Answer.BytesAsync(context, ListOf(kind, new ListResult(deleted, store.ResourceVersion, null, null), metadata));
    }

    static string? StatusOnly(ApiPath path) => path.Subresource == "status" ? "status" : null;

    Task WriteAsync(HttpContext context, ResourceKind kind, WriteResult result)
    {
        Answer.Warn(context, result.Warnings);
        return WriteAsync(context, kind, result.Object, result.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    Task WriteAsync(HttpContext context, ResourceKind kind, StoredObject stored, int code) => AcceptedForm.Of(context.Request) switch
    {
        AnswerForm.Table => Answer.JsonAsync(
            context,
            new TableOf(kind, WriteQuery.Text(context.Request, "includeObject"), time).Build([stored], new JsonObject { ["resourceVersion"] = Meta.ResourceVersion(stored.Json) }),
            code),
        AnswerForm.Metadata => Answer.JsonAsync(context, MetadataOnly.Of(stored.Json), code),
        _ => Answer.BytesAsync(context, stored.Utf8, code),
    };

    static async Task<JsonObject> ReadObjectAsync(HttpContext context) =>
        await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject
        ?? throw ApiError.BadRequest("the object provided is unrecognized: the body is no object");

    static PatchType PatchTypeOf(HttpRequest request) => RequestBody.MediaType(request) switch
    {
        "application/json-patch+json" => PatchType.Json,
        "application/merge-patch+json" => PatchType.Merge,
        "application/strategic-merge-patch+json" => PatchType.Strategic,
        "application/apply-patch+yaml" => PatchType.Apply,
        _ => throw ApiError.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml"),
    };

    // Objects are written once and kept as bytes: a list only puts them side by side.
    static byte[] ListOf(ResourceKind kind, ListResult list, JsonObject metadata)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", kind.ListKind);
            writer.WriteString("apiVersion", kind.Kind.ApiVersion);
            writer.WritePropertyName("metadata");
            metadata.WriteTo(writer);
            writer.WriteStartArray("items");
            foreach (var item in list.Items)
            {
                writer.WriteRawValue(item.Utf8.Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    static string Text(long version) => version.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
