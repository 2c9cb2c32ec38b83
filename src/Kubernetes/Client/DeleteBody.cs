using Slotwise.Kubernetes.Api;

namespace Slotwise.Kubernetes.Client;

/// <summary><c>DeleteOptions</c> as the API reads them.</summary>
sealed record DeleteBody(string ApiVersion, string Kind, DeletePreconditions? Preconditions, long? GracePeriodSeconds, string? PropagationPolicy)
{
    public static DeleteBody Of(DeleteOptions options) => new(
        "v1",
        "DeleteOptions",
        options.PreconditionUid is null && options.PreconditionResourceVersion is null
            ? null
            : new DeletePreconditions(options.PreconditionUid, options.PreconditionResourceVersion),
        options.GracePeriodSeconds,
        options.PropagationPolicy);
}

sealed record DeletePreconditions(string? Uid, string? ResourceVersion);
