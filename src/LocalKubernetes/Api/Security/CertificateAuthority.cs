using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>The cluster's own certificate authority. Its key stays in the state directory, readable by its owner only.</summary>
public sealed class CertificateAuthority : IDisposable
{
    static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    readonly TimeProvider _time;

    CertificateAuthority(X509Certificate2 certificate, TimeProvider time)
    {
        Certificate = certificate;
        _time = time;
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The authority of a state directory, made when there is none or it is about to expire: a kubeconfig outlives a restart.</summary>
    public static CertificateAuthority OpenOrCreate(string directory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var certificatePath = Path.Combine(directory, "ca.crt");
        var keyPath = Path.Combine(directory, "ca.key");
        if (File.Exists(certificatePath) && File.Exists(keyPath))
        {
            var existing = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            if (existing.NotAfter > time.GetUtcNow().AddDays(30).LocalDateTime)
            {
                return new CertificateAuthority(existing, time);
            }

            existing.Dispose();
        }

        var created = Create(time);
        PrivateFile.Write(keyPath, created.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificatePath, created.ExportCertificatePem());
        return new CertificateAuthority(created, time);
    }

    /// <summary>A certificate under which the API server can be reached on this machine and from its pods.</summary>
    public X509Certificate2 IssueServer(IEnumerable<IPAddress> addresses)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in (string[])["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
        {
            names.AddDnsName(name);
        }

        foreach (var address in addresses)
        {
            names.AddIpAddress(address);
        }

        return Issue("CN=kube-apiserver", "1.3.6.1.5.5.7.3.1", names.Build());
    }

    /// <summary>A certificate that logs its holder in: the common name is the user, the organisation the group, if there is one.</summary>
    public X509Certificate2 IssueClient(string user, string? group) => Issue(group is null ? $"CN={user}" : $"O={group},CN={user}", "1.3.6.1.5.5.7.3.2", null);

    /// <summary>Whether this authority issued a certificate that is valid now.</summary>
    public bool HasIssued(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public void Dispose() => Certificate.Dispose();

    static X509Certificate2 Create(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localkube", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(time.GetUtcNow().AddHours(-1), time.GetUtcNow() + (2 * Lifetime));
    }

    X509Certificate2 Issue(string subject, string usage, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        var until = _time.GetUtcNow() + Lifetime;
        var latest = new DateTimeOffset(Certificate.NotAfter.ToUniversalTime());
        using var issued = request.Create(Certificate, _time.GetUtcNow().AddHours(-1), until < latest ? until : latest, RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }
}
