using System.Diagnostics.CodeAnalysis;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>The service account that the kubelet gives every pod.</summary>
static class InCluster
{
    public static bool TryRead(ConfigurationPlaces places, [NotNullWhen(true)] out KubernetesConfiguration? configuration)
    {
        configuration = null;
        var host = places.Variable("KUBERNETES_SERVICE_HOST");
        var port = places.Variable("KUBERNETES_SERVICE_PORT");
        var token = Path.Combine(places.ServiceAccountDirectory, "token");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(token))
        {
            return false;
        }

        var address = $"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var server))
        {
            throw new KubernetesConfigurationException($"KUBERNETES_SERVICE_HOST \"{host}\" and KUBERNETES_SERVICE_PORT \"{port}\" are no address");
        }

        var authorities = Path.Combine(places.ServiceAccountDirectory, "ca.crt");
        var ns = Path.Combine(places.ServiceAccountDirectory, "namespace");
        configuration = new KubernetesConfiguration
        {
            Server = server,
            Source = "the pod's service account",
            Namespace = File.Exists(ns) ? File.ReadAllText(ns).Trim() : "default",
            CertificateAuthorities = File.Exists(authorities) ? PemCertificates.ReadAuthorities(File.ReadAllText(authorities), authorities) : null,
            Credentials = new TokenFileCredentials(token, certificate: null, places.Time),
        };
        return true;
    }
}
