using System.Security.Cryptography.X509Certificates;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>A certificate that a part of the cluster was given when it started; it is valid for longer than that runs.</summary>
sealed class ComponentCredentials(X509Certificate2 certificate) : ICredentialSource
{
    readonly Credential _credential = new(null, certificate);

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_credential);

    public bool Renew(Credential refused) => false;
}
