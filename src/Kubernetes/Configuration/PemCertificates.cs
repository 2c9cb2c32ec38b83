using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>Certificates and keys as PEM text. Errors name where the text came from and never quote it.</summary>
static class PemCertificates
{
    public static X509Certificate2Collection ReadAuthorities(string pem, string origin)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new KubernetesConfigurationException($"{origin} holds a certificate that cannot be read: {exception.Message}", exception);
        }

        return certificates.Count > 0 ? certificates : throw new KubernetesConfigurationException($"{origin} holds no PEM certificate");
    }

    /// <summary>A certificate with its RSA or EC key, in PKCS #1, SEC 1 or PKCS #8 form.</summary>
    public static X509Certificate2 ReadClient(string certificatePem, string certificateOrigin, string keyPem, string keyOrigin)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            return OperatingSystem.IsWindows()
                ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) // Schannel cannot use a key that lives in memory only
                : certificate;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new KubernetesConfigurationException($"{certificateOrigin} and {keyOrigin} are not a PEM certificate and its private key: {exception.Message}", exception);
        }
    }
}
