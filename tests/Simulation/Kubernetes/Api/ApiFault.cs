using System.Net;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.Simulation.Kubernetes.Api;

/// <summary>What goes wrong with one request.</summary>
public sealed record ApiFault
{
    /// <summary>The refusal; null when it is only slow.</summary>
    public HttpStatusCode? Code { get; init; }

    /// <summary>Whether what was asked for happens all the same.</summary>
    public bool AfterEffect { get; init; }

    /// <summary>No answer comes, and the client waits until it gives up.</summary>
    public bool NoAnswer { get; init; }

    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How much later the answer comes.</summary>
    public TimeSpan Delay { get; init; }

    internal KubernetesApiException Refusal(ApiRequest request) => new(
        Code!.Value,
        ApiError.Of(
            Code.Value,
            Code switch
            {
                HttpStatusCode.Conflict => "Conflict",
                HttpStatusCode.TooManyRequests => "TooManyRequests",
                HttpStatusCode.GatewayTimeout => "Timeout",
                HttpStatusCode.Forbidden => "Forbidden",
                _ => "InternalError",
            },
            $"{request}: refused by the simulation with {(int)Code}",
            null).Status,
        RetryAfter);
}
