using System.Net;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Api;

/// <summary>The API server refused a request and said why.</summary>
public sealed class KubernetesApiException : Exception
{
    public KubernetesApiException(HttpStatusCode code, V1Status status, TimeSpan? retryAfter = null)
        : base(status?.Message ?? $"the API server answered {(int)code}")
    {
        Code = code;
        Status = status ?? new V1Status();
        RetryAfter = retryAfter;
    }

    public HttpStatusCode Code { get; }

    public V1Status Status { get; }

    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; }

    public string Reason => Status.Reason ?? "";

    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>Somebody else changed the object first, or owns a field of it, or it is another object of that name by now.</summary>
    public bool IsConflict => (Code == HttpStatusCode.Conflict && Reason != "AlreadyExists") || IsOfAnother;

    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Reason == "AlreadyExists";

    /// <summary>The resource version or continue token is too old: list again.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    /// <summary>The namespace is being deleted: nothing new can be in it, and what is in it goes too.</summary>
    public bool IsNamespaceTerminating => IsForbidden && Status.Details?.Causes?.Any(cause => cause.Reason == V1StatusCause.NamespaceTerminating) == true;

    public bool IsUnauthorized => Code == HttpStatusCode.Unauthorized;

    /// <summary>The object itself is at fault; the same request will be refused again.</summary>
    public bool IsInvalid => ((Code is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest) && !IsOfAnother) || IsUndeclared;

    /// <summary>An apply of a field that its schema does not have is answered 500, as if something were wrong with the server.</summary>
    bool IsUndeclared => Code == HttpStatusCode.InternalServerError && Message.Contains("field not declared in schema", StringComparison.Ordinal);

    /// <summary>A patch that names a uid is refused as if it wanted to change it: 422 where a PUT or a DELETE is answered 409 (seen on 1.36).</summary>
    bool IsOfAnother => Code == HttpStatusCode.UnprocessableEntity && Status.Details?.Causes is [{ Field: "metadata.uid" }];
}
