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

    /// <summary>Only metadata, of a list: <c>as=PartialObjectMetadataList</c>.</summary>
    MetadataList,
}

/// <summary>Content negotiation: the first form in the client's order that this server has. It writes JSON and YAML, not protobuf.</summary>
/// <param name="Form">What of the objects.</param>
/// <param name="Version">Of <c>meta.k8s.io</c>, for tables and metadata.</param>
public sealed record AcceptedForm(AnswerForm Form, string Version)
{
    const string Known = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    const string KnownStreams = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

    /// <exception cref="Kubernetes.Api.KubernetesApiException">406.</exception>
    public static AcceptedForm Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var known = false;
        foreach (var media in MediaTypes(request))
        {
            if (!IsJson(media) && !IsYaml(media))
            {
                continue;
            }

            known = true;
            var version = Parameter(media, "v") ?? "";
            var isMeta = Parameter(media, "g") == "meta.k8s.io" && version is "v1" or "v1beta1";
            switch (Parameter(media, "as"))
            {
                case null:
                    return new AcceptedForm(AnswerForm.Object, version);
                case "Table" when isMeta:
                    return new AcceptedForm(AnswerForm.Table, version);
                case "PartialObjectMetadata" when isMeta:
                    return new AcceptedForm(AnswerForm.Metadata, version);
                case "PartialObjectMetadataList" when isMeta:
                    return new AcceptedForm(AnswerForm.MetadataList, version);
            }
        }

        return request.Headers.Accept.Count == 0
            ? new AcceptedForm(AnswerForm.Object, "")
            : throw NotAcceptable(known ? $"only the following media types are accepted: {Known}" : $"406: Not Acceptable\n\nAvailable representations: {Known}", known);
    }

    /// <summary>The form of a watch, which has no YAML.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">406.</exception>
    public static AcceptedForm OfWatch(HttpRequest request) => WantsYaml(request)
        ? throw NotAcceptable($"only the following media types are accepted: {KnownStreams}", known: true)
        : Of(request) is { Form: AnswerForm.MetadataList } list ? list with { Form = AnswerForm.Metadata } : Of(request);

    /// <summary>Whether YAML is what the client likes best of what there is.</summary>
    public static bool WantsYaml(HttpRequest request) => MediaTypes(request).FirstOrDefault(media => IsJson(media) || IsYaml(media)) is { } best && IsYaml(best);

    /// <exception cref="Kubernetes.Api.KubernetesApiException">406: metadata of one object is asked of a list, or the other way round.</exception>
    public void RefuseUnless(bool list, string type)
    {
        if (Form == (list ? AnswerForm.Metadata : AnswerForm.MetadataList))
        {
            throw NotAcceptable(
                list ? $"you requested PartialObjectMetadata, but the requested object is a list ({type})" : $"you requested PartialObjectMetadataList, but the requested object is not a list ({type})",
                known: true);
        }
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

    static Kubernetes.Api.KubernetesApiException NotAcceptable(string why, bool known) =>
        ApiError.Of(System.Net.HttpStatusCode.NotAcceptable, "NotAcceptable", why, known ? null : new Kubernetes.Models.V1StatusDetails());

    static IEnumerable<MediaTypeHeaderValue> MediaTypes(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return MediaTypeHeaderValue.TryParseList(request.Headers.Accept!, out var list)
            ? list.OrderByDescending(media => media.Quality ?? 1)
            : [];
    }

    static bool IsJson(MediaTypeHeaderValue media) => media.MediaType.Value is "application/json" or "*/*" or "application/*";

    static bool IsYaml(MediaTypeHeaderValue media) => media.MediaType.Value is "application/yaml";

    static string? Parameter(MediaTypeHeaderValue media, string name) =>
        media.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value;
}
