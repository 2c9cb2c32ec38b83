using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>The options of a deletion, from its body or its query.</summary>
public static class DeletionRequest
{
    public static async Task<(DeleteOptions Options, bool DryRun)> ReadAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject;
        var dryRun = WriteQuery.IsDryRun(context.Request) || body.Array("dryRun").Texts().Contains("All");
        return (Read(context.Request, body), dryRun);
    }

    public static DeleteOptions Read(HttpRequest request, JsonObject? body)
    {
        var policy = body.Text("propagationPolicy") ?? WriteQuery.Text(request, "propagationPolicy");
        if (policy is not (null or "Background" or "Foreground" or "Orphan"))
        {
            throw ApiError.BadRequest($"DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{policy}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
        }

        return new DeleteOptions
        {
            PropagationPolicy = policy ?? (body.Flag("orphanDependents") == true ? "Orphan" : null),
            GracePeriodSeconds = body.Number("gracePeriodSeconds") ?? WriteQuery.Number(request, "gracePeriodSeconds"),
            PreconditionUid = body.Object("preconditions").Text("uid"),
            PreconditionResourceVersion = body.Object("preconditions").Text("resourceVersion"),
        };
    }
}
