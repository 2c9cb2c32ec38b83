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
    public static WriteOptions Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new WriteOptions
        {
            Manager = request.Query["fieldManager"] is [{ Length: > 0 } manager, ..] ? manager : AgentOf(request),
            DryRun = IsDryRun(request),
            Check = request.HttpContext.Features.Get<Caller>()?.Check,
            Warn = warning => Answer.Warn(request.HttpContext, [warning]),
            Force = request.Query["force"] == "true",
            Validation = request.Query["fieldValidation"].ToString() switch
            {
                "Strict" => FieldValidation.Strict,
                "Ignore" => FieldValidation.Ignore,
                "" or "Warn" => FieldValidation.Warn,
                var other => throw ApiError.BadRequest($"fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Warn\", \"Strict\""),
            },
        };
    }

    public static bool IsDryRun(HttpRequest request) => request.Query["dryRun"].ToString() switch
    {
        "" => false,
        "All" => true,
        var other => throw ApiError.BadRequest($"dryRun: Unsupported value: \"{other}\": supported values: \"All\""),
    };

    public static ListQuery List(HttpRequest request) => new()
    {
        LabelSelector = Text(request, "labelSelector"),
        FieldSelector = Text(request, "fieldSelector"),
        Limit = (int?)Number(request, "limit"),
        Continue = Text(request, "continue"),
        ResourceVersion = Text(request, "resourceVersion"),
        AsOf = AsOf(request),
    };

    public static WatchQuery Watch(HttpRequest request) => new()
    {
        LabelSelector = Text(request, "labelSelector"),
        FieldSelector = Text(request, "fieldSelector"),
        ResourceVersion = Text(request, "resourceVersion"),
        AsOf = AsOf(request),
        Bookmarks = IsTrue(request, "allowWatchBookmarks"),
        // Kubernetes closes watches after half an hour to an hour when nobody says otherwise.
        Timeout = TimeSpan.FromSeconds(Number(request, "timeoutSeconds") is { } seconds and > 0 ? seconds : Random.Shared.Next(1800, 3600)),
    };

    /// <summary>The earlier version that a read from a cache shows which is behind; null for every other read.</summary>
    public static long? AsOf(HttpRequest request) =>
        Text(request, "resourceVersion") == "0" ? request.HttpContext.Features.Get<StaleView>()?.Version : null;

    public static bool IsTrue(HttpRequest request, string name) => request.Query[name].ToString() is "true" or "1";

    public static string? Text(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    public static long? Number(HttpRequest request, string name) => Text(request, name) is not { } text
        ? null
        : long.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiError.BadRequest($"{name}: Invalid value: \"{text}\": it is no number");

    static string AgentOf(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        var slash = agent.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? agent : agent[..slash];
        return name.Length == 0 ? "unknown" : name;
    }
}
