using System.Net;

namespace Slotwise.ObjectStore.Objects;

/// <summary>The refusals of an API server, in the words of <c>k8s.io/apimachinery/pkg/api/errors</c>.</summary>
public static class ApiError
{
    public static KubernetesApiException NotFound(ResourceKind kind, string name) =>
        Of(HttpStatusCode.NotFound, "NotFound", $"{kind.GroupResource} \"{name}\" not found", About(kind, name));

    public static KubernetesApiException AlreadyExists(ResourceKind kind, string name) =>
        Of(HttpStatusCode.Conflict, "AlreadyExists", $"{kind.GroupResource} \"{name}\" already exists", About(kind, name));

    public static KubernetesApiException Conflict(ResourceKind kind, string name, string why) =>
        Of(HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {kind.GroupResource} \"{name}\": {why}", About(kind, name));

    public static KubernetesApiException Modified(ResourceKind kind, string name) =>
        Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static KubernetesApiException ApplyConflict(IReadOnlyList<V1StatusCause> causes)
    {
        ArgumentNullException.ThrowIfNull(causes);
        var list = causes.Count == 1
            ? $"{causes[0].Message}: {causes[0].Field}"
            : string.Join("", causes.GroupBy(cause => cause.Message).Select(group =>
                $"conflicts with {group.Key!["conflict with ".Length..]}:" + string.Concat(group.Select(cause => $"\n- {cause.Field}")) + "\n")).TrimEnd();
        var message = $"Apply failed with {causes.Count} {(causes.Count == 1 ? "conflict" : "conflicts")}: {list}";
        return Of(HttpStatusCode.Conflict, "Conflict", message, new V1StatusDetails { Causes = causes });
    }

    public static KubernetesApiException Invalid(ResourceKind kind, string name, IReadOnlyList<FieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(errors);
        return Invalid(kind.Kind.Group, kind.Kind.Kind, name, errors);
    }

    /// <summary>What was asked for along with the request: <c>ListOptions</c>, <c>PatchOptions</c> and so on.</summary>
    public static KubernetesApiException InvalidOptions(string options, params IReadOnlyList<FieldError> errors) => Invalid("meta.k8s.io", options, "", errors);

    /// <summary>A patch of which no object comes out that could be read.</summary>
    public static KubernetesApiException InvalidPatch(JsonNode? patched, string why) =>
        Invalid("", "", "", [FieldError.Invalid("patch", patched?.ToJsonString(), why)]);

    public static KubernetesApiException Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(errors);
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        var list = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]";
        var details = new V1StatusDetails
        {
            Name = OrNull(name),
            Group = OrNull(group),
            Kind = OrNull(kind),
            Causes = [.. errors.Select(error => new V1StatusCause { Reason = error.Reason, Message = error.Detail, Field = error.Path })],
        };
        return Of(HttpStatusCode.UnprocessableEntity, "Invalid", $"{qualified} \"{name}\" is invalid: {list}", details);
    }

    public static KubernetesApiException BadRequest(string message) => Of(HttpStatusCode.BadRequest, "BadRequest", message, null);

    public static KubernetesApiException Forbidden(ResourceKind kind, string name, string why) =>
        Of(HttpStatusCode.Forbidden, "Forbidden", $"{kind.GroupResource} \"{name}\" is forbidden: {why}", About(kind, name));

    public static KubernetesApiException NamespaceTerminating(ResourceKind kind, string name, string ns)
    {
        var about = About(kind, name) with
        {
            Causes = [new V1StatusCause { Reason = V1StatusCause.NamespaceTerminating, Message = $"namespace {ns} is being terminated", Field = "metadata.namespace" }],
        };
        return Of(HttpStatusCode.Forbidden, "Forbidden", $"{kind.GroupResource} \"{name}\" is forbidden: unable to create new content in namespace {ns} because it is being terminated", about);
    }

    /// <summary>A failure that Kubernetes does not expect either, and gives no reason for.</summary>
    public static KubernetesApiException Failure(string message) => Of(HttpStatusCode.InternalServerError, null, message, null);

    public static KubernetesApiException Expired(string message) => Of(HttpStatusCode.Gone, "Expired", message, null);

    public static KubernetesApiException TooOld(long asked, long oldest) => Expired($"too old resource version: {asked} ({oldest})");

    public static KubernetesApiException MethodNotAllowed(string why) => Of(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", why, new V1StatusDetails());

    public static KubernetesApiException TooLarge(string why) =>
        Of(HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge", $"Request entity too large: {why}", null);

    public static KubernetesApiException UnsupportedMediaType(string why) =>
        Of(HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", why, null);

    public static KubernetesApiException TooManyRequests(string why, int retryAfterSeconds, IReadOnlyList<V1StatusCause>? causes = null) =>
        new(HttpStatusCode.TooManyRequests, Status(HttpStatusCode.TooManyRequests, "TooManyRequests", why, new V1StatusDetails
        {
            RetryAfterSeconds = retryAfterSeconds == 0 ? null : retryAfterSeconds,
            Causes = causes,
        }));

    /// <summary>Something that Kubernetes has and this server has not.</summary>
    public static KubernetesApiException NotImplemented(string what) => Of(HttpStatusCode.NotImplemented, "NotImplemented", what, null);

    public static KubernetesApiException Of(HttpStatusCode code, string? reason, string message, V1StatusDetails? details) =>
        new(code, Status(code, reason, message, details));

    static string? OrNull(string text) => text.Length == 0 ? null : text;

    static V1Status Status(HttpStatusCode code, string? reason, string message, V1StatusDetails? details) => new()
    {
        Status = "Failure",
        Message = message,
        Reason = reason,
        Details = details,
        Code = (int)code,
    };

    static V1StatusDetails About(ResourceKind kind, string name) => new()
    {
        Name = name,
        Group = OrNull(kind.Kind.Group),
        Kind = kind.Kind.Plural,
    };
}
