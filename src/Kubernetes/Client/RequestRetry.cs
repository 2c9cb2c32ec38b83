using System.Net;
using Polly;
using Polly.Retry;
using Slotwise.Kubernetes.Api;

namespace Slotwise.Kubernetes.Client;

/// <summary>
/// Repeats requests that may be repeated: three times at most, later and later, and never earlier than the server asks.
/// A request that timed out is not repeated: its caller has waited long enough.
/// </summary>
static class RequestRetry
{
    /// <summary>A server that asks for more is left to the caller's own back-off.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    public static ResiliencePipeline Create(TimeProvider time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 3,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(MayPass(arguments.Outcome.Exception)),
            DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as KubernetesApiException)?.RetryAfter),
        })
        .Build();

    static bool MayPass(Exception? exception) => exception switch
    {
        KubernetesApiException refusal => refusal.RetryAfter is not { } wait || wait <= LongestWait
            ? refusal.Code == HttpStatusCode.TooManyRequests || ((int)refusal.Code >= 500 && refusal.Code != HttpStatusCode.NotImplemented)
            : false,
        KubernetesUnreachableException unreachable => unreachable.InnerException is HttpRequestException or IOException,
        _ => false,
    };
}
