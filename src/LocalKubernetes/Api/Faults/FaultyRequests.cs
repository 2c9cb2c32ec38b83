using System.Net;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api.Security;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Faults;

/// <summary>Lets requests run into the trouble that was asked for.</summary>
sealed class FaultyRequests(ApiFaults faults, TimeProvider time)
{
    /// <summary>Carries a request out, or does to it what trouble does.</summary>
    /// <exception cref="KubernetesApiException">The refusal that was asked for.</exception>
    public async Task RunAsync(HttpContext context, Caller caller, Func<Task> carryOut)
    {
        var (user, request) = (caller.User, caller.Request);
        if (faults.Active.Count == 0 && request.Verb != "watch")
        {
            await carryOut();
            return;
        }

        foreach (var slow in Hitting(user, request, ApiFaultKind.Slow))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(slow.Fault.Milliseconds), time, context.RequestAborted);
        }

        foreach (var fail in Hitting(user, request, ApiFaultKind.Fail))
        {
            throw Refusal(fail.Fault, request);
        }

        if (faults.Of(user, request, ApiFaultKind.Stale).LastOrDefault() is { } stale && stale.TryHit())
        {
            context.Features.Set(new StaleView(faults.Lag.VersionOf(TimeSpan.FromSeconds(stale.Fault.BehindSeconds))));
        }

        if (Hitting(user, request, ApiFaultKind.Cut).FirstOrDefault() is { } cut)
        {
            await CutAsync(context, cut.Fault.After && request.Verb != "watch" ? carryOut : null);
        }
        else if (request.Verb == "watch")
        {
            await WatchAsync(context, caller, carryOut);
        }
        else
        {
            await carryOut();
        }
    }

    async Task WatchAsync(HttpContext context, Caller caller, Func<Task> carryOut)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var gate = new WatchGate(faults, caller, time);
        context.Features.Set(gate);
        var guard = gate.GuardAsync(context.Abort, over.Token);
        try
        {
            await carryOut();
        }
        finally
        {
            await over.CancelAsync();
            await guard;
        }
    }

    // Nothing of the answer leaves, not even its beginning.
    static async Task CutAsync(HttpContext context, Func<Task>? carryOut)
    {
        if (carryOut is not null)
        {
            var body = context.Response.Body;
            context.Response.Body = Stream.Null;
            try
            {
                await carryOut();
            }
            catch (KubernetesApiException)
            {
                // A refusal is not heard either.
            }

            context.Response.Body = body;
        }

        context.Abort();
    }

    IEnumerable<ActiveFault> Hitting(ApiUser user, AccessRequest request, ApiFaultKind kind) =>
        faults.Of(user, request, kind).Where(active => (active.Fault.Share >= 1 || Random.Shared.NextDouble() < active.Fault.Share) && active.TryHit());

    static KubernetesApiException Refusal(ApiFault fault, AccessRequest request)
    {
        var resource = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        var later = new V1StatusDetails { RetryAfterSeconds = fault.RetryAfterSeconds ?? (fault.Code == 429 ? 1 : null) };
        return fault.Code switch
        {
            409 => ApiError.Of(HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {resource} \"{request.Name}\": the object has been modified; please apply your changes to the latest version and try again", new V1StatusDetails
            {
                Name = request.Name,
                Group = request.Group.Length == 0 ? null : request.Group,
                Kind = request.Resource,
            }),
            429 => ApiError.Of(HttpStatusCode.TooManyRequests, "TooManyRequests", "the server has received too many requests and has asked us to try again later", later),
            503 => ApiError.Of(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "the server is currently unable to handle the request", later),
            _ => ApiError.Of(HttpStatusCode.InternalServerError, "InternalError", "Internal error occurred: etcdserver: request timed out", null),
        };
    }
}

/// <summary>A feature of requests that a cache answers which is behind.</summary>
/// <param name="Version">The newest that it knows.</param>
sealed record StaleView(long Version);
