using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>What somebody wants to do, as rights are granted for it: a verb and a resource, or a verb and a path. See <c>k8s.io/apiserver/pkg/endpoints/request/requestinfo.go</c>.</summary>
public sealed record AccessRequest
{
    /// <summary>Such as <c>get</c>, <c>list</c>, <c>deletecollection</c>, <c>impersonate</c>; for paths the method in small letters.</summary>
    public required string Verb { get; init; }

    /// <summary>Of what is no resource; else null.</summary>
    public string? Path { get; init; }

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>The plural.</summary>
    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>Empty: everywhere, or the resource has none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Empty: no single one.</summary>
    public string Name { get; init; } = "";

    /// <summary>As roles name it: <c>pods</c>, <c>pods/log</c>.</summary>
    public string CombinedResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    public static AccessRequest Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Path.Value ?? "/";
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", var version, .. { Length: > 0 } rest] => Of(request, "", version, rest),
            ["apis", var group, var version, .. { Length: > 0 } rest] => Of(request, group, version, rest),
            _ => new AccessRequest { Verb = MethodOf(request), Path = path },
        };
    }

    static AccessRequest Of(HttpRequest request, string group, string version, string[] rest)
    {
        var ns = "";
        if (rest is ["namespaces", var name, ..])
        {
            // A namespace lies in itself: who may read all of it may read it.
            ns = name;
            rest = rest is [_, _, not ("status" or "finalize"), ..] ? rest[2..] : rest;
        }

        var named = rest.Length > 1 ? rest[1] : "";
        var verb = request.Method switch
        {
            "GET" or "HEAD" => named.Length > 0 ? "get" : WriteQuery.IsTrue(request, "watch") ? "watch" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => named.Length > 0 ? "delete" : "deletecollection",
            _ => MethodOf(request),
        };
        return new AccessRequest
        {
            Verb = verb,
            Group = group,
            Version = version,
            Resource = rest[0],
            Namespace = ns,
            Name = verb is "list" or "watch" ? SelectedName(request) : named,
            Subresource = rest.Length > 2 ? rest[2] : "",
        };
    }

    // A right to one object by name includes following it: `fieldSelector=metadata.name=x`.
    static string SelectedName(HttpRequest request)
    {
        foreach (var term in request.Query["fieldSelector"].ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (term.StartsWith("metadata.name=", StringComparison.Ordinal))
            {
                return term["metadata.name=".Length..].TrimStart('=');
            }
        }

        return "";
    }

    static string MethodOf(HttpRequest request) => request.Method.ToLowerInvariant();
}
