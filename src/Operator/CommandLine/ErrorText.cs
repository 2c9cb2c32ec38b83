using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.LeaderElection;

namespace Slotwise.Operator.CommandLine;

/// <summary>What the user is told when a command fails.</summary>
static class ErrorText
{
    public const string NotInstalled =
        "RedisCluster is not known to the API server: apply config/crd first (kubectl apply -f config/crd)";

    /// <summary>One line; null for an error that only a defect of this program explains.</summary>
    public static string? TryDescribe(Exception error) => error switch
    {
        UserErrorException or KubernetesConfigurationException or KubernetesUnreachableException or LeadershipLostException => OneLine(error.Message),
        KubernetesApiException { IsUnauthorized: true } =>
            $"the API server does not accept the credentials of the kubeconfig; are they expired? It says: {OneLine(error.Message)}",
        KubernetesApiException { IsForbidden: true } => $"the API server does not allow it: {OneLine(error.Message)}",
        KubernetesApiException api => $"the API server refused ({(int)api.Code}): {OneLine(api.Message)}",
        _ => null,
    };

    /// <summary>Whether the API server does not know the kind at all, as opposed to having no object of that name.</summary>
    public static bool IsKindUnknown(KubernetesApiException error) => error.IsNotFound && string.IsNullOrEmpty(error.Status.Details?.Name);

    static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
