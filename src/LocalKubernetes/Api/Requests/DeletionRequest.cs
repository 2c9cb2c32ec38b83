using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>The options of a deletion, from its body or its query.</summary>
/// <param name="Options">What is to be deleted, and how.</param>
/// <param name="DryRun">Answers as if.</param>
/// <param name="Cascades">The writer asked in the old way, <c>orphanDependents: false</c>, that dependents go too.</param>
public sealed record DeletionRequest(DeleteOptions Options, bool DryRun, bool Cascades)
{
    /// <exception cref="KubernetesApiException">400, 422.</exception>
    public static async Task<DeletionRequest> ReadAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject;
        if (body.Text("kind") is { Length: > 0 } kind and not "DeleteOptions")
        {
            throw ApiError.BadRequest($"no kind \"{kind}\" is registered for version \"{body.Text("apiVersion")}\" in scheme \"pkg/apis/meta/internalversion/scheme/register.go:27\"");
        }

        return Of(context.Request, body);
    }

    /// <exception cref="KubernetesApiException">422.</exception>
    public static DeletionRequest Of(HttpRequest request, JsonObject? body)
    {
        var policy = body.Text("propagationPolicy") ?? WriteQuery.Text(request, "propagationPolicy");
        var orphan = body.Flag("orphanDependents") ?? (WriteQuery.Text(request, "orphanDependents") is null ? null : WriteQuery.IsTrue(request, "orphanDependents"));
        if (policy is not (null or "Background" or "Foreground" or "Orphan"))
        {
            throw ApiError.InvalidOptions("DeleteOptions", FieldError.NotSupported("propagationPolicy", policy, ["\"Foreground\"", "\"Background\"", "\"Orphan\"", "\"nil\""]));
        }

        if (policy is not null && orphan is not null)
        {
            throw ApiError.InvalidOptions("DeleteOptions", FieldError.Invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
        }

        var dryRun = body.Array("dryRun").Texts().Concat(request.Query["dryRun"].OfType<string>()).Where(value => value.Length > 0).ToList();
        if (dryRun.Exists(value => value != "All"))
        {
            throw ApiError.InvalidOptions("DeleteOptions", FieldError.NotSupported("dryRun", new JsonArray([.. dryRun.Select(value => (JsonNode)value)]), ["\"All\""]));
        }

        var options = new DeleteOptions
        {
            PropagationPolicy = policy ?? orphan switch { true => "Orphan", false => "Background", null => null },
            GracePeriodSeconds = body.Number("gracePeriodSeconds") ?? WriteQuery.Number(request, "gracePeriodSeconds"),
            PreconditionUid = body.Object("preconditions").Text("uid"),
            PreconditionResourceVersion = body.Object("preconditions").Text("resourceVersion"),
        };
        return new DeletionRequest(options, dryRun.Count > 0, orphan == false);
    }
}
