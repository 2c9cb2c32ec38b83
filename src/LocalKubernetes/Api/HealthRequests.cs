using System.Text;
using Microsoft.AspNetCore.Http;

namespace Slotwise.LocalKubernetes.Api;

/// <summary><c>/healthz</c>, <c>/livez</c> and <c>/readyz</c>, as a whole, check by check, or in detail: <c>?verbose</c>.</summary>
static class HealthRequests
{
    static readonly string[] Checks = ["ping", "log", "etcd", "poststarthook/start-apiextensions-controllers", "poststarthook/rbac/bootstrap-roles"];

    /// <summary>Answers; null when the path is none of these.</summary>
    public static Task? TryAnswer(HttpContext context, string path)
    {
        var parts = path.Split('/', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["healthz" or "livez" or "readyz", ..])
        {
            return null;
        }

        // A server that answers at all is ready: what it depends on lives within it.
        return parts switch
        {
            [_] => Answer.TextAsync(context, context.Request.Query.ContainsKey("verbose") ? Details(parts[0], context.Request) : "ok"),
            [_, ..] when Checks.Contains(string.Join('/', parts[1..])) => Answer.TextAsync(context, "ok"),
            _ => Answer.NoPageAsync(context),
        };
    }

    static string Details(string name, HttpRequest request)
    {
        var excluded = request.Query["exclude"];
        var text = new StringBuilder();
        foreach (var check in Checks)
        {
            text.Append(excluded.Contains(check) ? $"[+]{check} excluded: ok\n" : $"[+]{check} ok\n");
        }

        return text.Append(name).Append(" check passed\n").ToString();
    }
}
