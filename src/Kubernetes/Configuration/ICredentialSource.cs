using System.Security.Cryptography.X509Certificates;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>Who we are to the API server, now and after a refusal.</summary>
public interface ICredentialSource
{
    /// <exception cref="KubernetesConfigurationException">The file cannot be read, or the plugin failed.</exception>
    ValueTask<Credential> GetAsync(CancellationToken cancellationToken);

    /// <summary>Tells that the server answered 401, so that the next call looks for something newer.</summary>
    /// <returns>Whether there can be something newer.</returns>
    bool Renew(Credential refused);
}

/// <summary>What proves who we are.</summary>
/// <param name="Authorization">The value of the Authorization header.</param>
/// <param name="Certificate">A client certificate with its private key.</param>
public sealed record Credential(string? Authorization, X509Certificate2? Certificate)
{
    public static readonly Credential None = new(null, null);

    /// <summary>Says what kind of credential it is and nothing else.</summary>
    public override string ToString() => $"credential with{(Authorization is null ? "out" : "")} header, with{(Certificate is null ? "out" : "")} certificate";
}
