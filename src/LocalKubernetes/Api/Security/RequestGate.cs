using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Security.Rbac;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>What every request passes first: who sent it, as whom, and whether he may.</summary>
sealed class RequestGate(Authentication authentication, IAuthorizer authorizer)
{
    readonly Impersonation _impersonation = new(authorizer);
    readonly Escalation _escalation = new(authorizer);

    /// <summary>Lets a request in, and leaves its <see cref="Caller"/> for whoever carries it out.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">401: nobody vouches for the sender; 403: he may not.</exception>
    public Caller Admit(HttpContext context)
    {
        var sender = authentication.Recognize(context) ?? throw AccessRefusal.Unauthorized();
        var user = _impersonation.Resolve(sender, context.Request.Headers);
        var request = AccessRequest.Of(context.Request);
        var decision = authorizer.Decide(user, request);
        if (!decision.Allowed)
        {
            throw AccessRefusal.Of(user, request, decision.Reason);
        }

        var caller = new Caller(user, request, (kind, obj, before) =>
        {
            // An apply that creates needs the right to create as well.
            if (before is null && request.Verb == "patch" && !authorizer.Decide(user, request with { Verb = "create" }).Allowed)
            {
                throw AccessRefusal.Of(user, request with { Verb = "create" }, "");
            }

            _escalation.Refuse(user, request, kind, obj, before);
        });
        context.Features.Set(caller);
        return caller;
    }
}
