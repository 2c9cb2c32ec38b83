using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Slotwise.Redis.Tests;

public sealed class ClientSecurityTests
{
    static readonly RedisConnectionOptions Patient = new() { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(20) };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_server_with_TLS_and_a_password_is_written_to_and_listened_to()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var directory = Directory.CreateTempSubdirectory("slotwise-tls-");
        try
        {
            var (certificateFile, keyFile) = (Path.Combine(directory.FullName, "tls.crt"), Path.Combine(directory.FullName, "tls.key"));
            await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), Stop);
            await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), Stop);
            var port = FreePort();
            await using var server = await RedisServer.StartAsync(
                "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", certificateFile, "--tls-key-file", keyFile,
                "--tls-ca-cert-file", certificateFile, "--tls-auth-clients", "no", "--tls-cluster", "yes", "--requirepass", "secret");
            await using (var administrator = await server.ConnectAsync(new RedisCredentials("default", "secret")))
            {
                await administrator.ExecuteAsync(ClusterCommands.AddSlotsRange(SlotPartition.Split(1)[0]), Stop);
                await FormedCluster.UntilAsync("the cluster is up", async () => (await administrator.ExecuteAsync(ClusterCommands.Info, Stop)).IsOk);
            }

            var endpoint = new RedisEndpoint("127.0.0.1", port);
            var thumbprint = certificate.Thumbprint;
            var options = new RedisClusterClientOptions
            {
                Connection = Patient with
                {
                    Tls = _ => new SslClientAuthenticationOptions
                    {
                        TargetHost = "localhost",
                        RemoteCertificateValidationCallback = (_, offered, _, _) => offered?.GetCertHashString() == thumbprint,
                    },
                },
            };
            await Assert.ThrowsAsync<RedisAuthenticationException>(() =>
                RedisClusterClient.ConnectAsync([endpoint], new RedisCredentials("default", "wrong"), options, Stop));

            await using var client = await RedisClusterClient.ConnectAsync([endpoint], new RedisCredentials("default", "secret"), options, Stop);

            // what the server says of itself to one who came by TLS is its TLS port
            Assert.Equal(port, client.MasterOf(0)?.Port);
            var value = new string('x', 100_000);
            Assert.Equal(RespValue.Ok, await client.ExecuteAsync(new RedisCommand("SET", "a", value), Stop));
            Assert.Equal(value, (await client.ExecuteAsync(new RedisCommand("GET", "a"), Stop)).AsText());
            await using var subscription = client.Subscribe(["a"]);
            await subscription.WaitUntilSubscribedAsync(Stop);
            Assert.Equal(RespValue.Integer(1), await client.ExecuteAsync(new RedisCommand("SPUBLISH", "a", "x"), Stop));
            Assert.InRange(client.Counts.Opened, 1, 2);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
