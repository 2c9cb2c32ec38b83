using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Kubernetes.Client;

/// <summary>How a connection to the API server is made: whom to trust, who we are, and how a dead one is noticed.</summary>
public static class ServerConnection
{
    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <param name="configuration">Where the server is and how it is known.</param>
    /// <param name="certificate">The client's, with its private key; connections are bound to it.</param>
    public static SocketsHttpHandler CreateHandler(KubernetesConfiguration configuration, X509Certificate2? certificate)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30), // a watch says nothing for minutes: without pings a dead one looks alive
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            AutomaticDecompression = System.Net.DecompressionMethods.GZip,
            AllowAutoRedirect = false, // a redirect would carry the credential elsewhere
            UseCookies = false,
            UseProxy = !configuration.Server.IsLoopback,
        };
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = certificate is null ? null : [certificate],
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
        };
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // the user asked for it: insecure-skip-tls-verify
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.CertificateAuthorities is { } authorities)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return handler;
    }
}
