using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;

namespace Slotwise.Kubernetes.Tests.Client;

public sealed class TlsTests
{
    static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    public async Task Prefers_http2_and_falls_back(HttpProtocols offered, string used)
    {
        await using var server = await ApiServer.StartAsync(TestCertificates.Loopback, offered);
        server.Answer = context => context.JsonAsync($$"""{"gitVersion":"{{context.Request.Protocol}}"}""");
        using var client = server.CreateClient();

        Assert.Equal(used, (await client.GetVersionAsync(None)).GitVersion);
    }

    [Fact]
    public async Task Watches_and_requests_share_one_http2_connection()
    {
        await using var server = await ApiServer.StartAsync(TestCertificates.Loopback);
        var connections = new List<string>();
        var done = new TaskCompletionSource();
        server.Answer = async context =>
        {
            lock (connections)
            {
                connections.Add(context.Connection.Id);
            }

            if (context.Request.Query.ContainsKey("watch"))
            {
                await context.SendAsync(Answers.Bookmark("11"));
                await done.Task;
            }
            else
            {
                await context.JsonAsync(Answers.ConfigMap("a", "1"));
            }
        };
        using var client = server.CreateClient();

        await foreach (var change in client.WatchAsync<V1ConfigMap>("shop", new WatchOptions { ResourceVersion = "1", Timeout = TimeSpan.FromMinutes(1) }, None))
        {
            Assert.Equal("11", change.ResourceVersion);
            await client.GetAsync<V1ConfigMap>("shop", "a", None);
            done.SetResult();
        }

        Assert.Equal(2, connections.Count);
        Assert.Single(connections.Distinct());
    }

    [Fact]
    public async Task Trusts_only_the_authority_given()
    {
        await using var server = await ApiServer.StartAsync(TestCertificates.Loopback);
        using var stranger = new KubernetesClient(server.Configuration with { CertificateAuthorities = [TestCertificates.CreateAuthority("another")] }, TimeProvider.System);
        using var system = new KubernetesClient(server.Configuration with { CertificateAuthorities = null }, TimeProvider.System);

        var exception = await Assert.ThrowsAsync<KubernetesUnreachableException>(() => stranger.GetVersionAsync(None));
        await Assert.ThrowsAsync<KubernetesUnreachableException>(() => system.GetVersionAsync(None));

        Assert.StartsWith($"cannot reach the Kubernetes API server at {server.Address} (from a test): TLS: ", exception.Message);
        Assert.EndsWith("; check certificate-authority and tls-server-name", exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task The_certificate_must_name_the_host_or_the_server_name_given()
    {
        using var other = TestCertificates.Issue(TestCertificates.Authority, "other", names => names.AddDnsName("api.test"));
        await using var server = await ApiServer.StartAsync(other);
        server.Answer = context => context.JsonAsync("{}");
        using var byAddress = server.CreateClient();
        using var byName = new KubernetesClient(server.Configuration with { TlsServerName = "api.test" }, TimeProvider.System);
        using var byAnotherName = new KubernetesClient(server.Configuration with { TlsServerName = "db.test" }, TimeProvider.System);

        await Assert.ThrowsAsync<KubernetesUnreachableException>(() => byAddress.GetVersionAsync(None));
        await Assert.ThrowsAsync<KubernetesUnreachableException>(() => byAnotherName.GetVersionAsync(None));
        await byName.GetVersionAsync(None);
    }

    [Fact]
    public async Task An_ipv6_address_matches_its_subject_alternative_name()
    {
        await using var server = await ApiServer.StartAsync(TestCertificates.Loopback, address: IPAddress.IPv6Loopback);
        server.Answer = context => context.JsonAsync("{}");
        using var client = server.CreateClient();

        Assert.Equal(UriHostNameType.IPv6, server.Address.HostNameType);
        await client.GetVersionAsync(None);
    }

    [Fact]
    public async Task Verification_can_be_skipped()
    {
        using var selfSigned = TestCertificates.CreateAuthority("nobody");
        await using var server = await ApiServer.StartAsync(selfSigned);
        server.Answer = context => context.JsonAsync("{}");
        using var client = new KubernetesClient(server.Configuration with { CertificateAuthorities = null, SkipTlsVerify = true }, TimeProvider.System);

        await client.GetVersionAsync(None);
    }

    [Fact]
    public async Task Shows_its_client_certificate()
    {
        using var mine = TestCertificates.Issue(TestCertificates.Authority, "me", _ => { });
        await using var server = await ApiServer.StartAsync(TestCertificates.Loopback);
        server.Answer = context => context.JsonAsync($$"""{"gitVersion":"{{context.Connection.ClientCertificate?.Subject}}"}""");
        using var client = new KubernetesClient(server.Configuration with { Credentials = new StaticCredentials(new Credential(null, mine)) }, TimeProvider.System);

        Assert.Equal("CN=me", (await client.GetVersionAsync(None)).GitVersion);
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_and_the_request_sent_again()
    {
        await using var server = await ApiServer.StartAsync();
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "old");
            var tokens = new List<string>();
            server.Answer = context =>
            {
                var token = context.Request.Headers.Authorization.ToString();
                tokens.Add(token);
                File.WriteAllText(file, "new\n");
                return token == "Bearer new" ? context.JsonAsync(Answers.ConfigMap("a", "1")) : context.StatusAsync(401, "Unauthorized", "Unauthorized");
            };
            var credentials = new TokenFileCredentials(file, null, TimeProvider.System);
            using var client = new KubernetesClient(server.Configuration with { Credentials = credentials }, TimeProvider.System);
            var map = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "shop" } };

            await client.CreateAsync(map, None);
            Assert.Equal(["Bearer old", "Bearer new"], tokens);

            server.Answer = context => context.StatusAsync(401, "Unauthorized", "Unauthorized");
            var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => client.CreateAsync(map, None));
            Assert.True(refusal.IsUnauthorized);
            Assert.Equal($"the Kubernetes API server at {server.Address} refused the credentials of a test (401 Unauthorized): they have expired or are not for this server; log in again", refusal.Message);
            Assert.Equal(4, server.Requests.Count);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
