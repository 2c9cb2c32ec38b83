using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>How the client wants the answer.</summary>
public enum AnswerForm
{
    /// <summary>The objects themselves.</summary>
    Object,

    /// <summary>Rows and columns for people: <c>as=Table</c>.</summary>
    Table,

    /// <summary>Only metadata: <c>as=PartialObjectMetadata</c>.</summary>
    Metadata,
}

/// <summary>Content negotiation: the first form in the client's order that this server has. It writes JSON and nothing else.</summary>
public static class AcceptedForm
{
    public static AnswerForm Of(HttpRequest request)
    {
        foreach (var media in MediaTypes(request))
        {
            if (!IsJson(media))
            {
                continue;
            }

            switch (Parameter(media, "as"))
            {
                case null:
                    return AnswerForm.Object;
                case "Table" when Parameter(media, "g") == "meta.k8s.io" && Parameter(media, "v") == "v1":
                    return AnswerForm.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when Parameter(media, "v") == "v1":
                    return AnswerForm.Metadata;
            }
        }

        return request.Headers.Accept.Count == 0
            ? AnswerForm.Object
            : throw ApiError.Of(System.Net.HttpStatusCode.NotAcceptable, "NotAcceptable", "only the following media types are accepted: application/json", null);
    }

    /// <summary>The version of aggregated discovery that the client prefers; null when it wants the plain one.</summary>
    public static string? AggregatedDiscovery(HttpRequest request)
    {
        foreach (var media in MediaTypes(request))
        {
            if (IsJson(media))
            {
                return Parameter(media, "as") == "APIGroupDiscoveryList" && Parameter(media, "v") is "v2" or "v2beta1" ? Parameter(media, "v") : null;
            }
        }

        return null;
    }

    static IEnumerable<MediaTypeHeaderValue> MediaTypes(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return MediaTypeHeaderValue.TryParseList(request.Headers.Accept!, out var list)
            ? list.OrderByDescending(media => media.Quality ?? 1)
            : [];
    }

    static bool IsJson(MediaTypeHeaderValue media) => media.MediaType.Value is "application/json" or "*/*" or "application/*";

    static string? Parameter(MediaTypeHeaderValue media, string name) =>
        media.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value;
}
