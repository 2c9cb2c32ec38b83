using System.Net;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>How an API server says that somebody may not, in the words of <c>endpoints/handlers/responsewriters/errors.go</c>.</summary>
static class AccessRefusal
{
    public static KubernetesApiException Of(ApiUser user, AccessRequest request, string reason)
    {
        var why = request.Path is not null
            ? $"User \"{user.Name}\" cannot {request.Verb} path \"{request.Path}\""
            : $"User \"{user.Name}\" cannot {request.Verb} resource \"{request.CombinedResource}\" in API group \"{request.Group}\" {(request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"")}";
        return Forbidden(request, reason.Length == 0 ? why : $"{why}: {reason}");
    }

    public static KubernetesApiException Forbidden(AccessRequest request, string why)
    {
        var resource = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        var message = (request.Path, request.Name) switch
        {
            (not null, _) => $"forbidden: {why}",
            (_, "") => $"{resource} is forbidden: {why}",
            _ => $"{resource} \"{request.Name}\" is forbidden: {why}",
        };
        var details = request.Path is not null
            ? new V1StatusDetails()
            : new V1StatusDetails { Name = NullIfEmpty(request.Name), Group = NullIfEmpty(request.Group), Kind = request.Resource };
        return ApiError.Of(HttpStatusCode.Forbidden, "Forbidden", message, details);
    }

    public static KubernetesApiException Unauthorized() => ApiError.Of(HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized", null);

    static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
