using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Api;

/// <summary>Who vouches for pods: makes the tokens that their volumes show.</summary>
public interface IPodTokens
{
    /// <summary>A token of the pod's service account, bound to the pod.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">The pod or its account is gone, or what is asked for is refused.</exception>
    PodToken Issue(V1Pod pod, V1ServiceAccountTokenProjection wanted);
}

/// <param name="Text">A secret.</param>
/// <param name="RenewAt">When there should be another one in its place: after four fifths of its life, and after a day at the latest.</param>
public sealed record PodToken(string Text, DateTimeOffset RenewAt);
