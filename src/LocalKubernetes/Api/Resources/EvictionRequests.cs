using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>A pod's <c>/eviction</c>.</summary>
sealed class EvictionRequests(Store store, TimeProvider time)
{
    readonly Evictions _evictions = new(store, time);

    public async Task EvictAsync(HttpContext context, ApiPath path)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject ?? throw ApiError.BadRequest("an eviction needs a body");
        if (Meta.Name(body) != path.Name)
        {
            throw ApiError.BadRequest("name in URL does not match name in Eviction object");
        }

        var (options, dryRun, _) = DeletionRequest.Of(context.Request, body.Object("deleteOptions"));
        _evictions.Evict(path.Namespace, path.Name!, options, dryRun);
        await Answer.JsonAsync(context, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" }, StatusCodes.Status201Created);
    }
}
