using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Slotwise.Redis.Tests;

public sealed class AuthenticationTests
{
    static readonly RedisConnectionOptions Patient = new() { ConnectTimeout = TimeSpan.FromSeconds(30), CommandTimeout = TimeSpan.FromSeconds(30) };
    static readonly RedisCredentials Bob = new("bob", "secret");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hello_carries_the_credentials()
    {
        await using var server = FakeServer.Start(_ => RespValue.Pong);
        await using var connection = await RedisConnection.ConnectAsync(server.Endpoint, Bob, Patient, Stop);
        Assert.Equal(["HELLO 3 AUTH bob secret"], server.Received);
        Assert.Equal(3, connection.Protocol);
    }

    [Theory]
    [InlineData("ERR unknown command `HELLO`, with args beginning with: `3`, ")]
    [InlineData("NOPROTO unsupported protocol version")]
    public async Task Where_hello_is_unknown_the_older_protocol_is_spoken(string refusal)
    {
        await using var server = FakeServer.Start(exchange => exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Error(refusal) : RespValue.Ok));
        await using var connection = await RedisConnection.ConnectAsync(server.Endpoint, Bob, Patient, Stop);
        Assert.Equal(["HELLO 3 AUTH bob secret", "AUTH bob secret"], server.Received);
        Assert.Equal(2, connection.Protocol);
        await using var anonymous = await RedisConnection.ConnectAsync(server.Endpoint, null, Patient, Stop);
        Assert.Equal("HELLO 3", server.Received.Last());
    }

    [Theory]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.", "")]
    [InlineData("ERR unknown command 'HELLO'", "WRONGPASS invalid username-password pair or user is disabled.")]
    public async Task Refused_credentials_are_said_without_the_password(string toHello, string toAuth)
    {
        await using var server = FakeServer.Start(exchange => exchange.ReplyAsync(RespValue.Error(exchange.Command[0] == "HELLO" ? toHello : toAuth)));
        var error = await Assert.ThrowsAsync<RedisAuthenticationException>(() => RedisConnection.ConnectAsync(server.Endpoint, Bob, Patient, Stop));
        Assert.Equal("WRONGPASS", error.Code);
        Assert.Contains($"{server.Endpoint}: authentication failed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        await RedisConnectionTests.Eventually(() => server.Open == 0);
    }

    [Fact]
    public async Task A_server_that_is_full_says_so()
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            await exchange.ReplyAsync(RespValue.Error("ERR max number of clients reached"));
            exchange.Close();
        });
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisConnection.ConnectAsync(server.Endpoint, null, Patient, Stop));
        Assert.Contains("max number of clients reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_server_with_users()
    {
        await using var server = await RedisServer.StartAsync("--user", "bob", "on", ">secret", "~*", "&*", "+@all", "--user", "default", "off");
        await using var bob = await server.ConnectAsync(Bob);
        Assert.Equal("bob", await bob.ExecuteAsync(ServerCommands.AclWhoAmI, Stop));
        Assert.Equal(3, bob.Protocol);
        var refused = await Assert.ThrowsAsync<RedisAuthenticationException>(() => server.ConnectAsync(new RedisCredentials("bob", "wrong")));
        Assert.Equal("WRONGPASS", refused.Code);

        // alive, as far as a liveness probe is concerned
        await using var nobody = await server.ConnectAsync();
        var replies = await nobody.ExecuteAsync([ServerCommands.Ping, ClusterCommands.MyId], Stop);
        Assert.Equal(["NOAUTH", "NOAUTH"], replies.Select(reply => reply.ErrorCode));
    }

    [Fact]
    public async Task Tls_encrypts_and_checks_whom_it_talks_to()
    {
        using var certificate = CreateCertificate();
        await using var server = FakeServer.Start(_ => RespValue.Pong, new SslServerAuthenticationOptions { ServerCertificate = certificate });
        var trusting = Patient with
        {
            Tls = _ => new SslClientAuthenticationOptions
            {
                TargetHost = "redis.example",
                RemoteCertificateValidationCallback = (_, theirs, _, _) => theirs?.GetCertHashString() == certificate.GetCertHashString(),
            },
        };
        await using var connection = await RedisConnection.ConnectAsync(server.Endpoint, Bob, trusting, Stop);
        Assert.Equal("PONG", await connection.ExecuteAsync(ServerCommands.Ping, Stop));
        Assert.True(connection.IsUsable);

        var strict = Patient with { Tls = _ => new SslClientAuthenticationOptions { TargetHost = "redis.example" } };
        await Assert.ThrowsAsync<RedisConnectionException>(() => RedisConnection.ConnectAsync(server.Endpoint, Bob, strict, Stop));
        Assert.Equal(["HELLO 3 AUTH bob secret", "PING"], server.Received);
    }

    static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=redis.example", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
