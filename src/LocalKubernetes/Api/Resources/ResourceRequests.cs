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
            : store.Get(kind, path.Namespace, path.Name!, WriteQuery.Text(context.Request, "resourceVersion"));
        await WriteAsync(context, kind, stored, StatusCodes.Status200OK);
    }

    public async Task ListAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var form = AcceptedForm.Of(context.Request);
        form.RefuseUnless(list: true, $"*{(kind.Kind.Group.Length == 0 ? "core" : kind.Kind.Group.Split('.')[0])}.{kind.ListKind}");
        var list = store.List(kind, path.Namespace, WriteQuery.List(context.Request));
        var metadata = new JsonObject { ["resourceVersion"] = Text(list.ResourceVersion) };
        if (list.Continue is not null)
        {
            metadata["continue"] = list.Continue;
        }

        if (list.Remaining is { } remaining)
        {
            metadata["remainingItemCount"] = remaining;
        }

        switch (form.Form)
        {
            case AnswerForm.Table:
                await Answer.JsonAsync(context, new TableOf(kind, WriteQuery.Text(context.Request, "includeObject"), time).Build(list.Items, metadata, form.Version));
                break;
            case AnswerForm.MetadataList:
                await Answer.JsonAsync(context, new JsonObject
                {
                    ["kind"] = "PartialObjectMetadataList",
                    ["apiVersion"] = $"meta.k8s.io/{form.Version}",
                    ["metadata"] = metadata,
                    ["items"] = new JsonArray([.. list.Items.Select(item => MetadataOnly.Of(item.Json, form.Version))]),
                });
                break;
            default:
                await Answer.BytesAsync(context, ListOf(kind, list, metadata));
                break;
        }
    }

    public async Task CreateAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var body = await RequestBody.ReadObjectAsync(context.Request, kind.Kind.Kind, context.RequestAborted);
        var result = store.Create(kind, path.Namespace, body, WriteQuery.Of(context.Request));
        await WriteAsync(context, kind, result);
    }

    public async Task UpdateAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var body = await RequestBody.ReadObjectAsync(context.Request, kind.Kind.Kind, context.RequestAborted);
        await WriteAsync(context, kind, store.Update(kind, path.Namespace, path.Name!, body, path.Subresource, WriteQuery.Of(context.Request)));
    }

    public async Task PatchAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var type = PatchTypeOf(context.Request);
        var patch = await RequestBody.ReadPatchAsync(context.Request, context.RequestAborted);
        await WriteAsync(context, kind, store.Patch(kind, path.Namespace, path.Name!, type, patch, path.Subresource, WriteQuery.Of(context.Request)));
    }

    public async Task DeleteAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var (options, dryRun, cascades) = await DeletionRequest.ReadAsync(context);
        var result = store.Delete(kind, path.Namespace, path.Name!, options, dryRun);
        if (result.Gone && !kind.AnswersWithDeleted)
        {
            await Answer.SuccessAsync(context, kind, path.Name!, Meta.Uid(result.Object.Json));
        }
        else
        {
            await WriteAsync(context, kind, result.Object, cascades && !result.Gone ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
        }
    }

    public async Task DeleteAllAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var query = WriteQuery.List(context.Request);
        var (options, dryRun, _) = await DeletionRequest.ReadAsync(context);
        var deleted = store.DeleteAll(kind, path.Namespace, query, options, dryRun);
        var metadata = new JsonObject { ["resourceVersion"] = Text(store.ResourceVersion) };
        await Answer.BytesAsync(context, ListOf(kind, new ListResult(deleted, store.ResourceVersion, null, null), metadata));
    }

    Task WriteAsync(HttpContext context, ResourceKind kind, WriteResult result)
    {
        Answer.Warn(context, result.Warnings);
        return WriteAsync(context, kind, result.Object, result.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    Task WriteAsync(HttpContext context, ResourceKind kind, StoredObject stored, int code)
    {
        var form = AcceptedForm.Of(context.Request);
        form.RefuseUnless(list: false, $"*{(kind.Kind.Group.Length == 0 ? "core" : kind.Kind.Group.Split('.')[0])}.{kind.Kind.Kind}");
        return form.Form switch
        {
            AnswerForm.Table => Answer.JsonAsync(
                context,
                new TableOf(kind, WriteQuery.Text(context.Request, "includeObject"), time).Build([stored], new JsonObject { ["resourceVersion"] = Meta.ResourceVersion(stored.Json) }, form.Version),
                code),
            AnswerForm.Metadata => Answer.JsonAsync(context, MetadataOnly.Of(stored.Json, form.Version), code),
            _ => Answer.BytesAsync(context, stored.Utf8, code),
        };
    }

    static PatchType PatchTypeOf(HttpRequest request) => RequestBody.MediaType(request) switch
    {
        "application/json-patch+json" => PatchType.Json,
        "application/merge-patch+json" => PatchType.Merge,
        "application/strategic-merge-patch+json" => PatchType.Strategic,
        "application/apply-patch+yaml" => PatchType.Apply,
        _ => throw ApiError.Of(System.Net.HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "415: Unsupported Media Type", new Kubernetes.Models.V1StatusDetails()),
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
