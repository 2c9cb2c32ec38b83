using Microsoft.AspNetCore.Http;

namespace Slotwise.Kubernetes.Tests.Fakes;

/// <summary>What an API server says.</summary>
public static class Answers
{
    public static Task JsonAsync(this HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    public static Task StatusAsync(this HttpContext context, int code, string reason, string message, string details = "{}") =>
        context.JsonAsync($$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{{message}}}","reason":"{{{reason}}}","details":{{{details}}},"code":{{{code}}}}""", code);

    public static string ConfigMap(string name, string version, string value = "") =>
        $$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"shop","uid":"uid-{{{name}}}","resourceVersion":"{{{version}}}"},"data":{"value":"{{{value}}}"}}""";

    public static string List(string version, string? next, params ReadOnlySpan<string> items) =>
        $$$"""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"{{{version}}}"{{{(next is null ? "" : ",\"continue\":\"" + next + "\"")}}}},"items":[{{{string.Join(",", items)}}}]}""";

    public static string Event(string type, string obj) => $$$"""{"type":"{{{type}}}","object":{{{obj}}}}""" + "\n";

    public static string Bookmark(string version) =>
        Event("BOOKMARK", $$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"{{{version}}}","creationTimestamp":null}}""");

    /// <summary>Writes and makes sure that it is on its way.</summary>
    public static async Task SendAsync(this HttpContext context, string text)
    {
        await context.Response.WriteAsync(text);
        await context.Response.Body.FlushAsync();
    }
}
