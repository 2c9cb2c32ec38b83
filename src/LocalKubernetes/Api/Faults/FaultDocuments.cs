using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Faults;

/// <summary><c>/localkube/faults</c>: POST begins trouble, GET lists it, DELETE ends all of it or, with its id in the path, one.</summary>
sealed class FaultDocuments(ApiFaults faults)
{
    public const string Path = "/localkube/faults";

    public static bool Serves(string path) => path == Path || path.StartsWith($"{Path}/", StringComparison.Ordinal);

    public async Task AnswerAsync(HttpContext context, string path)
    {
        switch (context.Request.Method)
        {
            case "POST" when path == Path:
                var fault = ApiFault.Read(await RequestBody.ReadAsync(context.Request, context.RequestAborted));
                await Answer.JsonAsync(context, Show(faults.Begin(fault)), StatusCodes.Status201Created);
                break;
            case "GET" when path == Path:
                await Answer.JsonAsync(context, new JsonObject { ["items"] = new JsonArray([.. faults.Active.Select(Show)]) });
                break;
            case "DELETE":
                var ended = faults.End(path == Path ? null : path[(Path.Length + 1)..]);
                await Answer.JsonAsync(context, new JsonObject { ["ended"] = ended });
                break;
            default:
                throw ApiError.MethodNotAllowed($"{Path} knows POST, GET and DELETE");
        }
    }

    static JsonNode Show(ActiveFault active)
    {
        var shown = JsonSerializer.SerializeToNode(active.Fault, ApiFaultJson.Default.ApiFault)!.AsObject();
        shown.Insert(0, "id", active.Id);
        shown["hits"] = active.Hits;
        shown["until"] = Meta.Time(active.Until);
        return shown;
    }
}
