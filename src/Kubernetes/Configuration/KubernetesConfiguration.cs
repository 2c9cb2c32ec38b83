using System.Security.Cryptography.X509Certificates;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>Where the API server is, how to know it, and who we are to it.</summary>
public sealed record KubernetesConfiguration
{
    /// <summary>Such as <c>https://10.0.0.1:6443</c>; may have a path.</summary>
    public required Uri Server { get; init; }

    /// <summary>The namespace that commands mean when they name none.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Where all this was read, for messages: a file and its context, or the pod's service account.</summary>
    public string Source { get; init; } = "";

    /// <summary>The only authorities trusted for the server's certificate; null: those of the system.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>Accepts any certificate of the server.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name that the server's certificate must carry, if it is not the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    public required ICredentialSource Credentials { get; init; }

    /// <summary>Whose requests these are, in their <c>User-Agent</c>; the server notes it as the manager of the fields that are written.</summary>
    public string Program { get; init; } = "slotwise";

    /// <summary>
    /// Looks where kubectl looks: the file given, the files of <c>KUBECONFIG</c>, the pod's service account, <c>~/.kube/config</c>; the first that is there counts.
    /// </summary>
    /// <param name="kubeconfigPath">A file, or null.</param>
    /// <param name="context">A context of the file, or null for its current one.</param>
    /// <exception cref="KubernetesConfigurationException">Nothing is there, or what is there cannot be used.</exception>
    public static KubernetesConfiguration Load(string? kubeconfigPath, string? context, TimeProvider time) =>
        Load(kubeconfigPath, context, ConfigurationPlaces.OfThisProcess(time));

    internal static KubernetesConfiguration Load(string? kubeconfigPath, string? context, ConfigurationPlaces places)
    {
        if (kubeconfigPath is not null)
        {
            return Kubeconfig.Read([kubeconfigPath], mustExist: true).Resolve(context, places);
        }

        if (places.Variable("KUBECONFIG") is { Length: > 0 } list)
        {
            return Kubeconfig.Read(list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), mustExist: false).Resolve(context, places);
        }

        if (context is null && InCluster.TryRead(places, out var inCluster))
        {
            return inCluster;
        }

        var file = Path.Combine(places.HomeDirectory, ".kube", "config");
        return File.Exists(file)
            ? Kubeconfig.Read([file], mustExist: true).Resolve(context, places)
            : throw new KubernetesConfigurationException($"no Kubernetes cluster is configured: there is no {file}; give --kubeconfig FILE or set KUBECONFIG");
    }
}
