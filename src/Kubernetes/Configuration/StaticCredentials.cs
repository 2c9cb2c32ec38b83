using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>A token, a password or a certificate that stands in the kubeconfig and cannot become newer.</summary>
sealed class StaticCredentials(Credential credential) : ICredentialSource
{
    public static StaticCredentials OfToken(string token, X509Certificate2? certificate) => new(new Credential($"Bearer {token}", certificate));

    public static StaticCredentials OfPassword(string username, string password, X509Certificate2? certificate) =>
        new(new Credential($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{password}"))}", certificate));

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(credential);

    public bool Renew(Credential refused) => false;
}
