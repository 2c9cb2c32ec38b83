using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>The file that tells kubectl and every other client where the server is and how to log in.</summary>
public static class Kubeconfig
{
    /// <summary>Writes it for its owner only: whoever has it is the administrator.</summary>
    public static void Write(string path, Uri server, CertificateAuthority authority, X509Certificate2 client)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(authority);
        var key = client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        var text = $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: localkube
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {Encode(authority.Certificate.ExportCertificatePem())}
            users:
            - name: localkube-admin
              user:
                client-certificate-data: {Encode(client.ExportCertificatePem())}
                client-key-data: {Encode(key)}
            contexts:
            - name: localkube
              context:
                cluster: localkube
                user: localkube-admin
            current-context: localkube

            """;
        PrivateFile.Write(path, text);
    }

    static string Encode(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
}
