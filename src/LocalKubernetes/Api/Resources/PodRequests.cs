using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Selection;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>What can be asked of pods beside reading and writing them: logs, eviction and binding.</summary>
sealed class PodRequests(Store store, IPodLogs? logs, TimeProvider time)
{
    readonly Lock _evicting = new();

    public async Task LogAsync(HttpContext context, ApiPath path)
    {
        var pod = store.Get(Pods, path.Namespace, path.Name!).Json;
        if (logs is null)
        {
            throw ApiError.NotImplemented("this server runs no pods: there are no logs");
        }

        var query = LogQuery(context.Request, path, pod);
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

    /// <summary>A deletion that the pod's disruption budgets must allow.</summary>
    public async Task EvictAsync(HttpContext context, ApiPath path)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject ?? throw ApiError.BadRequest("an eviction needs a body");
        var options = DeletionRequest.Read(context.Request, body.Object("deleteOptions"));
        var dryRun = WriteQuery.IsDryRun(context.Request) || body.Object("deleteOptions").Array("dryRun").Texts().Contains("All");
        lock (_evicting)
        {
            var pod = store.Get(Pods, path.Namespace, path.Name!).Json;
            // One that is ending or never ran costs its budget nothing.
            if (!Meta.IsDeleting(pod) && pod.At("status.phase").AsText() is not ("Pending" or "Succeeded" or "Failed"))
            {
                Spend(pod, dryRun);
            }

            store.Delete(Pods, path.Namespace, path.Name!, options with { PreconditionUid = options.PreconditionUid ?? Meta.Uid(pod) }, dryRun);
        }

        await Answer.JsonAsync(context, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" }, StatusCodes.Status201Created);
    }

    /// <summary>How a scheduler says where a pod shall run.</summary>
    public async Task BindAsync(HttpContext context, ApiPath path)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject;
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

    void Spend(JsonObject pod, bool dryRun)
    {
        var budgets = store.Kinds.Find("policy", "v1", "poddisruptionbudgets")!;
        var matching = store.List(budgets, Meta.Namespace(pod), new ListQuery()).Items
            .Where(budget => LabelSelector.Of(budget.Json.Object("spec").Object("selector"))?.Matches(pod) == true)
            .ToList();
        if (matching.Count > 1)
        {
            throw ApiError.Of(System.Net.HttpStatusCode.InternalServerError, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", null);
        }

        if (matching.Count == 0)
        {
            return;
        }

        var budget = matching[0].Json;
        var status = budget.Object("status");
        if (status.Number("observedGeneration") is { } observed && observed < Meta.Generation(budget))
        {
            throw Refuse($"The disruption budget {Meta.Name(budget)} is still being processed by the server.", 10);
        }

        var allowed = status.Number("disruptionsAllowed") ?? 0;
        if (allowed <= 0)
        {
            throw Refuse($"The disruption budget {Meta.Name(budget)} needs {status.Number("desiredHealthy") ?? 0} healthy pods and has {status.Number("currentHealthy") ?? 0} currently", 0);
        }

        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = Meta.ResourceVersion(budget) },
            ["status"] = new JsonObject
            {
                ["disruptionsAllowed"] = allowed - 1,
                ["disruptedPods"] = new JsonObject { [Meta.Name(pod)] = Meta.Time(time.GetUtcNow()) },
            },
        };
        store.Patch(budgets, Meta.Namespace(pod), Meta.Name(budget), PatchType.Merge, patch, "status", new WriteOptions { Manager = "kube-apiserver", DryRun = dryRun });
    }

    static KubernetesApiException Refuse(string why, int retryAfterSeconds) => ApiError.TooManyRequests(
        "Cannot evict pod as it would violate the pod's disruption budget.",
        retryAfterSeconds,
        [new V1StatusCause { Reason = "DisruptionBudget", Message = why }]);

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
        };
    }

    static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
}
