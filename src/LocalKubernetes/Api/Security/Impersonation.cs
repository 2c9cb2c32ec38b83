using System.Net;
using Microsoft.AspNetCore.Http;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>Standing in for somebody else by the headers <c>Impersonate-User</c>, <c>-Group</c>, <c>-Uid</c> and <c>-Extra-KEY</c>, by whoever has the right to.</summary>
sealed class Impersonation(IAuthorizer authorizer)
{
    const string User = "Impersonate-User";
    const string Group = "Impersonate-Group";
    const string Uid = "Impersonate-Uid";
    const string Extra = "Impersonate-Extra-";

    /// <summary>The user as whom a request is to be taken; the caller itself when it asks for nobody else.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">403: it may not stand in for that user or group.</exception>
    public ApiUser Resolve(ApiUser caller, IHeaderDictionary headers)
    {
        var name = headers[User].ToString();
        List<string> groups = [.. headers[Group].OfType<string>()];
        var uid = headers[Uid].ToString();
        var extra = headers.Where(header => header.Key.StartsWith(Extra, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => Uri.UnescapeDataString(header.Key[Extra.Length..].ToLowerInvariant()), header => (IReadOnlyList<string>)[.. header.Value.OfType<string>()]);
        if (name.Length == 0)
        {
            return groups.Count == 0 && uid.Length == 0 && extra.Count == 0
                ? caller
                : throw ApiError.Of(HttpStatusCode.InternalServerError, "InternalError", "Internal error occurred: requested groups, uid or extra without impersonating a user", null);
        }

        var isAccount = ApiUser.TryServiceAccount(name, out var ns, out var account);
        Require(caller, isAccount
            ? new AccessRequest { Verb = "impersonate", Resource = "serviceaccounts", Namespace = ns, Name = account }
            : new AccessRequest { Verb = "impersonate", Resource = "users", Name = name });
        foreach (var group in groups)
        {
            Require(caller, new AccessRequest { Verb = "impersonate", Resource = "groups", Name = group });
        }

        if (uid.Length > 0)
        {
            Require(caller, new AccessRequest { Verb = "impersonate", Group = "authentication.k8s.io", Version = "v1", Resource = "uids", Name = uid });
        }

        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                Require(caller, new AccessRequest { Verb = "impersonate", Group = "authentication.k8s.io", Version = "v1", Resource = "userextras", Subresource = key, Name = value });
            }
        }

        if (isAccount && groups.Count == 0)
        {
            groups.AddRange(ApiUser.ServiceAccountGroups(ns));
        }

        var mark = name == ApiUser.Anonymous.Name ? ApiUser.Unauthenticated : ApiUser.Authenticated;
        if (!groups.Contains(ApiUser.Authenticated) && !groups.Contains(ApiUser.Unauthenticated))
        {
            groups.Add(mark);
        }

        return new ApiUser(name, groups) { Uid = uid, Extra = extra };
    }

    void Require(ApiUser caller, AccessRequest request)
    {
        var decision = authorizer.Decide(caller, request);
        if (!decision.Allowed)
        {
            throw AccessRefusal.Of(caller, request, decision.Reason);
        }
    }
}
