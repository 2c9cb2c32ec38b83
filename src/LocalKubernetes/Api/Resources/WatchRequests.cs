using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.LocalKubernetes.Api.Faults;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.LocalKubernetes.Api.Tables;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Watching;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>Watches over HTTP: one JSON document a line, until the time is over or somebody goes.</summary>
sealed class WatchRequests(Store store, TimeProvider time, CancellationToken stopping)
{
    static readonly byte[] Middle = ",\"object\":"u8.ToArray();
    static readonly byte[] End = "}\n"u8.ToArray();

    public async Task WatchAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var form = AcceptedForm.OfWatch(context.Request);
        var query = WriteQuery.Watch(context.Request);
        if (path.Name is not null)
        {
            query = query with { FieldSelector = $"metadata.name={path.Name}" };
        }

        var table = form.Form is AnswerForm.Table ? new TableOf(kind, WriteQuery.Text(context.Request, "includeObject"), time) : null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var changes = store.Watch(kind, path.Namespace, query, ended.Token);
        context.Response.ContentType = Answer.Json;
        try
        {
            // At once: the client of a quiet collection must know that its watch stands.
            await context.Response.Body.FlushAsync(ended.Token);
            var withColumns = true;
            await foreach (var change in changes)
            {
                if (context.Features.Get<WatchGate>() is { } gate)
                {
                    await gate.PassAsync(change.ResourceVersion, ended.Token);
                }

                await WriteAsync(context, change, kind, form, table, withColumns);
                withColumns = false;
            }
        }
        catch (KubernetesApiException refusal)
        {
            await WriteAsync(context, "ERROR", Bytes(Answer.StatusOf(refusal)));
        }
        catch (OperationCanceledException)
        {
            // The client went, or the server ends.
        }
    }

    static Task WriteAsync(HttpContext context, StoreEvent change, ResourceKind kind, AcceptedForm form, TableOf? table, bool withColumns)
    {
        if (change.Object is not { } stored)
        {
            return WriteAsync(context, "BOOKMARK", Bytes(Bookmark(kind, form, change)));
        }

        var body = form.Form switch
        {
            AnswerForm.Table => Bytes(table!.Build([stored], new JsonObject { ["resourceVersion"] = Meta.ResourceVersion(stored.Json) }, form.Version, withColumns)),
            AnswerForm.Metadata => Bytes(MetadataOnly.Of(stored.Json, form.Version)),
            _ => stored.Utf8,
        };
        return WriteAsync(context, change.Type.ToString().ToUpperInvariant(), body);
    }

    static JsonObject Bookmark(ResourceKind kind, AcceptedForm form, StoreEvent change)
    {
        var metadata = new JsonObject { ["resourceVersion"] = change.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (change.EndsInitial)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        return form.Form switch
        {
            AnswerForm.Table => new JsonObject { ["kind"] = "Table", ["apiVersion"] = $"meta.k8s.io/{form.Version}", ["metadata"] = metadata, ["columnDefinitions"] = null, ["rows"] = new JsonArray() },
            AnswerForm.Metadata => new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = $"meta.k8s.io/{form.Version}", ["metadata"] = metadata },
            _ => new JsonObject { ["kind"] = kind.Kind.Kind, ["apiVersion"] = kind.Kind.ApiVersion, ["metadata"] = metadata },
        };
    }

    static async Task WriteAsync(HttpContext context, string type, ReadOnlyMemory<byte> body)
    {
        var response = context.Response.Body;
        await response.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\""), context.RequestAborted);
        await response.WriteAsync(Middle, context.RequestAborted);
        await response.WriteAsync(body, context.RequestAborted);
        await response.WriteAsync(End, context.RequestAborted);
        await response.FlushAsync(context.RequestAborted);
    }

    static ReadOnlyMemory<byte> Bytes(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Answer.Options);
}
