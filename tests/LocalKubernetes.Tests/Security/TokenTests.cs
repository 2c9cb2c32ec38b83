using System.Text.Json.Nodes;
using Slotwise.LocalKubernetes.Api.Security.Tokens;
using Slotwise.ObjectStore;
using Slotwise.Testing;

namespace Slotwise.LocalKubernetes.Tests.Security;

/// <summary>What only time brings about, and what must survive a restart.</summary>
public sealed class TokenTests : IDisposable
{
    static readonly string[] Server = [ServiceAccountTokens.Issuer];

    readonly string _directory = Directory.CreateTempSubdirectory("localkube-tokens-").FullName;
    readonly FakeTimeProvider _time = new();
    readonly Store _store;

    public TokenTests() => _store = new Store(new StoreOptions { Time = _time, Random = new Random(1) });

    [Fact]
    public void A_token_expires_a_minute_after_its_time_because_clocks_differ()
    {
        using var key = TokenKey.OpenOrCreate(_directory);
        var tokens = new ServiceAccountTokens(_store, key, _time);
        var token = tokens.Issue(Account(), Server, TimeSpan.FromMinutes(10), null, null);

        _time.Advance(TimeSpan.FromSeconds(659));
        Assert.NotNull(tokens.Review(token, Server).User);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("[invalid bearer token, service account token has expired]", tokens.Review(token, Server).Error);
    }

    [Fact]
    public void A_token_outlives_a_restart_and_the_key_is_its_owners_alone()
    {
        string token;
        using (var key = TokenKey.OpenOrCreate(_directory))
        {
            token = new ServiceAccountTokens(_store, key, _time).Issue(Account(), Server, TimeSpan.FromHours(1), null, null);
        }

        using var again = TokenKey.OpenOrCreate(_directory);
        Assert.Equal("system:serviceaccount:default:robot", new ServiceAccountTokens(_store, again, _time).Review(token, Server).User?.Name);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "sa.key")));
    }

    [Fact]
    public void Another_clusters_token_and_a_changed_one_are_refused()
    {
        using var key = TokenKey.OpenOrCreate(_directory);
        using var other = TokenKey.OpenOrCreate(Directory.CreateDirectory(Path.Combine(_directory, "other")).FullName);
        var tokens = new ServiceAccountTokens(_store, key, _time);
        var token = tokens.Issue(Account(), Server, TimeSpan.FromHours(1), null, null);
        var parts = token.Split('.');

        Assert.Null(new ServiceAccountTokens(_store, other, _time).Review(token, Server).User);
        foreach (var forged in (string[])[$"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1][..^4]}AAAA.{parts[2]}", "a.b.c", ".", ""])
        {
            Assert.Equal(TokenAnswer.Bad, tokens.Review(forged, Server).Error);
        }
    }

    [Fact]
    public void A_pods_token_is_renewed_after_four_fifths_of_what_it_asked_for()
    {
        using var key = TokenKey.OpenOrCreate(_directory);
        var tokens = new ServiceAccountTokens(_store, key, _time);
        var account = Account();
        var options = new WriteOptions { Manager = "test" };
        var pod = _store.Create(_store.Kinds.Find("", "v1", "pods")!, "default", JsonNode.Parse("""{"metadata": {"name": "p"}, "spec": {"serviceAccountName": "robot", "containers": [{"name": "c", "image": "i"}]}}""")!.AsObject(), options).Object.Json;
        var requests = new TokenRequests(_store, tokens, _time);
        var made = new PodTokens(requests, _time).Issue(
            new Slotwise.Kubernetes.Models.V1Pod
            {
                Metadata = new() { Name = "p", NamespaceProperty = "default", Uid = pod["metadata"]!["uid"]!.GetValue<string>() },
                Spec = new() { ServiceAccountName = account["metadata"]!["name"]!.GetValue<string>(), Containers = [] },
            },
            new() { Path = "token", ExpirationSeconds = 600 });

        Assert.InRange(made.RenewAt - _time.GetUtcNow(), TimeSpan.FromSeconds(478), TimeSpan.FromSeconds(480));
        Assert.Equal("p", tokens.Review(made.Text, Server).User!.Extra["authentication.kubernetes.io/pod-name"][0]);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    JsonObject Account()
    {
        var kind = _store.Kinds.Find("", "v1", "serviceaccounts")!;
        return _store.Create(kind, "default", JsonNode.Parse("""{"metadata": {"name": "robot"}}""")!.AsObject(), new WriteOptions { Manager = "test" }).Object.Json;
    }
}
