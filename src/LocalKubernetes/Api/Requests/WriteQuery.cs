using System.Globalization;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Faults;
using Slotwise.LocalKubernetes.Api.Security;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>The query parameters of reads and writes.</summary>
public static class WriteQuery
{
    const int LongestManager = 128;
    const string ApplyPatch = "application/apply-patch+yaml";

    /// <exception cref="Kubernetes.Api.KubernetesApiException">422: what a parameter may not be, or not together with another one.</exception>
    public static WriteOptions Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Validate(request);
        return new WriteOptions
        {
            Manager = Text(request, "fieldManager") ?? AgentOf(request),
            DryRun = IsDryRun(request),
            Check = request.HttpContext.Features.Get<Caller>()?.Check,
            Warn = warning => Answer.Warn(request.HttpContext, [warning]),
            Force = IsTrue(request, "force"),
            DuplicateFields = RequestBody.DuplicatesIn(request),
            Validation = Text(request, "fieldValidation") switch
            {
                "Strict" => FieldValidation.Strict,
                "Ignore" => FieldValidation.Ignore,
                _ => FieldValidation.Warn,
            },
        };
    }

    public static bool IsDryRun(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Query["dryRun"].Contains("All");
    }

    /// <exception cref="Kubernetes.Api.KubernetesApiException">400, 422.</exception>
    public static ListQuery List(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Number(request, "timeoutSeconds");
        return Text(request, "sendInitialEvents") is null
            ? new ListQuery
            {
                LabelSelector = Text(request, "labelSelector"),
                FieldSelector = Text(request, "fieldSelector"),
                Limit = (int?)Math.Min(Number(request, "limit") ?? 0, int.MaxValue),
                Continue = Text(request, "continue"),
                ResourceVersion = Text(request, "resourceVersion"),
                Match = MatchOf(request),
                AsOf = AsOf(request),
            }
            : throw ApiError.InvalidOptions("ListOptions", FieldError.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
    }

    /// <exception cref="Kubernetes.Api.KubernetesApiException">400, 422.</exception>
    public static WatchQuery Watch(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Text(request, "continue") is null
            ? new WatchQuery
            {
                LabelSelector = Text(request, "labelSelector"),
                FieldSelector = Text(request, "fieldSelector"),
                ResourceVersion = Text(request, "resourceVersion"),
                Match = MatchOf(request),
                AsOf = AsOf(request),
                InitialEvents = Text(request, "sendInitialEvents") is null ? null : IsTrue(request, "sendInitialEvents"),
                Bookmarks = IsTrue(request, "allowWatchBookmarks"),
                // Kubernetes closes watches after half an hour to an hour when nobody says otherwise.
                Timeout = TimeSpan.FromSeconds(Number(request, "timeoutSeconds") is { } seconds and > 0 ? seconds : Random.Shared.Next(1800, 3600)),
            }
            : throw ApiError.InvalidOptions("ListOptions", FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
    }

    /// <summary>The earlier version that a read from a cache shows which is behind; null for every other read.</summary>
    public static long? AsOf(HttpRequest request) =>
        Text(request, "resourceVersion") == "0" ? request.HttpContext.Features.Get<StaleView>()?.Version : null;

    public static bool IsTrue(HttpRequest request, string name) => request.Query[name].ToString() is "true" or "1" or "True";

    public static string? Text(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    /// <exception cref="Kubernetes.Api.KubernetesApiException">400.</exception>
    public static long? Number(HttpRequest request, string name) => Text(request, name) is not { } text
        ? null
        : long.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiError.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");

    static VersionMatch? MatchOf(HttpRequest request) => Text(request, "resourceVersionMatch") switch
    {
        null => null,
        "Exact" => VersionMatch.Exact,
        "NotOlderThan" => VersionMatch.NotOlderThan,
        var other => throw ApiError.InvalidOptions("ListOptions", FieldError.NotSupported("resourceVersionMatch", other, ["\"Exact\"", "\"NotOlderThan\"", "\"\""])),
    };

    static void Validate(HttpRequest request)
    {
        var errors = new List<FieldError>();
        var isPatch = request.Method == HttpMethods.Patch;
        var isApply = isPatch && RequestBody.MediaType(request) == ApplyPatch;
        if (isApply && Text(request, "fieldManager") is null)
        {
            errors.Add(FieldError.Required("fieldManager", "is required for apply patch"));
        }

        if (isPatch && !isApply && Text(request, "force") is not null)
        {
            errors.Add(FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        }

        if (Text(request, "fieldManager") is { Length: > LongestManager })
        {
            errors.Add(FieldError.TooLong("fieldManager", LongestManager));
        }

        if (request.Query["dryRun"].Any(value => value is not ("All" or "")))
        {
            errors.Add(FieldError.NotSupported("dryRun", new System.Text.Json.Nodes.JsonArray([.. request.Query["dryRun"].Select(value => (System.Text.Json.Nodes.JsonNode?)value)]), ["\"All\""]));
        }

        if (Text(request, "fieldValidation") is { } validation and not ("Ignore" or "Strict" or "Warn"))
        {
            errors.Add(FieldError.NotSupported("fieldValidation", validation, ["\"\"", "\"Ignore\"", "\"Strict\"", "\"Warn\""]));
        }

        if (errors.Count > 0)
        {
            throw ApiError.InvalidOptions(isPatch ? "PatchOptions" : request.Method == HttpMethods.Put ? "UpdateOptions" : "CreateOptions", errors);
        }
    }

    static string AgentOf(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        var slash = agent.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? agent : agent[..slash];
        return name.Length == 0 ? "unknown" : name[..Math.Min(name.Length, LongestManager)];
    }
}
