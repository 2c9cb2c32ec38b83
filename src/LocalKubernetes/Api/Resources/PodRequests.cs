using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>What can be asked of pods beside reading and writing them: logs and binding.</summary>
sealed class PodRequests(Store store, IPodLogs? logs, TimeProvider time)
{
    public async Task LogAsync(HttpContext context, ApiPath path)
    {
        var pod = store.Get(Pods, path.Namespace, path.Name!).Json;
        if (logs is null)
        {
            throw ApiError.NotImplemented("this server runs no pods: there are no logs");
        }

        var query = LogQuery(context.Request, path, pod);
        if (pod.At("spec.nodeName").AsText() is null or "")
        {
            // no kubelet can be asked yet: the log is empty, and that is no error
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var timestamps = WriteQuery.IsTrue(context.Request, "timestamps");
        var left = WriteQuery.Number(context.Request, "limitBytes") ?? long.MaxValue;
        context.Response.ContentType = "text/plain";
        try
        {
            await foreach (var line in logs.ReadAsync(query, context.RequestAborted))
            {
                var text = timestamps ? $"{Rfc3339(line.Time)} {line.Text}\n" : $"{line.Text}\n";
                var bytes = System.Text.Encoding.UTF8.GetBytes(text);
                var count = (int)Math.Min(left, bytes.Length);
                left -= count;
                await context.Response.Body.WriteAsync(bytes.AsMemory(0, count), context.RequestAborted);
                if (query.Follow)
                {
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }

                if (left == 0)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The reader went.
        }
    }

    /// <summary>How a scheduler says where a pod shall run.</summary>
    public async Task BindAsync(HttpContext context, ApiPath path)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject;
        if (Meta.Name(body ?? []) != path.Name)
        {
            throw ApiError.BadRequest("name in URL does not match name in Binding object");
        }

        var node = body.Object("target").Text("name") ?? throw ApiError.BadRequest("target.name: Required value");
        var pod = store.Get(Pods, path.Namespace, path.Name!).Json;
        if (pod.At("spec.nodeName").AsText() is { Length: > 0 } bound)
        {
            throw ApiError.Conflict(Pods, path.Name!, $"pod {path.Name} is already assigned to node \"{bound}\"");
        }

        store.Patch(Pods, path.Namespace, path.Name!, PatchType.Merge, new JsonObject { ["spec"] = new JsonObject { ["nodeName"] = node } }, null, WriteQuery.Of(context.Request));
        await Answer.JsonAsync(context, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" }, StatusCodes.Status201Created);
    }

    ResourceKind Pods => store.Kinds.Find("", "v1", "pods")!;

    PodLogQuery LogQuery(HttpRequest request, ApiPath path, JsonObject pod)
    {
        var container = ChooseContainer.Of(pod, WriteQuery.Text(request, "container"));
        DateTimeOffset? since = WriteQuery.Number(request, "sinceSeconds") is { } seconds
            ? time.GetUtcNow().AddSeconds(-seconds)
            : DateTimeOffset.TryParse(WriteQuery.Text(request, "sinceTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from) ? from : null;
        return new PodLogQuery
        {
            Namespace = path.Namespace ?? "",
            Pod = path.Name!,
            PodUid = Meta.Uid(pod),
            Container = container,
            Previous = WriteQuery.IsTrue(request, "previous"),
            Follow = WriteQuery.IsTrue(request, "follow"),
            TailLines = WriteQuery.Number(request, "tailLines"),
            Since = since,
            WaitingReason = WaitingReasonOf(pod, container),
        };
    }

    static string? WaitingReasonOf(JsonObject pod, string container) =>
        ((string[])["containerStatuses", "initContainerStatuses"])
            .SelectMany(list => (pod.At($"status.{list}") as JsonArray ?? []).OfType<JsonObject>())
            .FirstOrDefault(status => status.Text("name") == container)
            .At("state.waiting.reason").AsText();

    static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
}
