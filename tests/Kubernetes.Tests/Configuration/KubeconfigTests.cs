using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Configuration;

public sealed class KubeconfigTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("kubeconfig-").FullName;
    readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Reads_the_current_context()
    {
        var configuration = Load(Config("{token: secret}"));

        Assert.Equal(new Uri("https://10.0.0.1:6443/base"), configuration.Server);
        Assert.Equal("shop", configuration.Namespace);
        Assert.Equal($"kubeconfig {File_("config")}, context here", configuration.Source);
        Assert.False(configuration.SkipTlsVerify);
        Assert.Null(configuration.CertificateAuthorities);
        Assert.Equal("Bearer secret", (await configuration.Credentials.GetAsync(default)).Authorization);
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("{token: secret}", "Bearer secret")]
    [InlineData("{token: '12345'}", "Bearer 12345")]
    [InlineData("{token: old, tokenFile: token}", "Bearer from-file")]
    [InlineData("{username: me, password: 'pä:ss'}", "Basic bWU6cMOkOnNz")]
    public async Task Knows_every_way_to_log_in_by_header(string user, string? header)
    {
        Write("token", "from-file\n");

        Assert.Equal(header, (await Load(Config(user)).Credentials.GetAsync(default)).Authorization);
    }

    [Theory]
    [InlineData("ec", true)]
    [InlineData("ec", false)]
    [InlineData("rsa", true)]
    [InlineData("rsa-pkcs8", false)]
    public async Task Reads_client_certificates(string kind, bool inline)
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var request = kind == "ec" ? new CertificateRequest("CN=me", ec, HashAlgorithmName.SHA256) : new CertificateRequest("CN=me", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var issued = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var key = kind switch { "ec" => ec.ExportECPrivateKeyPem(), "rsa" => rsa.ExportRSAPrivateKeyPem(), _ => rsa.ExportPkcs8PrivateKeyPem() };
        Write("me.crt", issued.ExportCertificatePem());
        Write("me.key", kind == "ec" ? "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key : key);
        var user = inline ? $"{{client-certificate-data: {Base64("me.crt")}, client-key-data: {Base64("me.key")}}}" : "{client-certificate: me.crt, client-key: ./me.key}";

        var certificate = (await Load(Config(user)).Credentials.GetAsync(default)).Certificate!;

        Assert.Equal("CN=me", certificate.Subject);
        Assert.True(certificate.HasPrivateKey);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reads_authorities_and_server_name(bool inline)
    {
        Write("ca.crt", TestCertificates.Authority.ExportCertificatePem() + "\n" + TestCertificates.CreateAuthority("second").ExportCertificatePem());
        var authority = inline ? $"certificate-authority-data: {Base64("ca.crt")}" : "certificate-authority: ca.crt";

        var configuration = Load(Config("{}", $", {authority}, tls-server-name: api.test"));

        Assert.Equal(["CN=test authority", "CN=second"], configuration.CertificateAuthorities!.Select(certificate => certificate.Subject));
        Assert.Equal("api.test", configuration.TlsServerName);
        Assert.True(Load(Config("{}", ", insecure-skip-tls-verify: true")).SkipTlsVerify);
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "a: [", "kubeconfig {0} is not YAML: line " },
        { "just text", "kubeconfig {0} is not a mapping with clusters, users and contexts" },
        { "{contexts: [{name: a}, {name: b}]}", "kubeconfig {0}: current-context is not set; give one of: a, b" },
        { "{current-context: x}", "the context asked for, \"x\", is not in contexts of kubeconfig {0}; there are: (there are none)" },
        { "{clusters: {}}", "kubeconfig {0}: clusters is not a list" },
        { "{users: [{user: {token: secret}}]}", "kubeconfig {0}: users[0].name is not set" },
        { "{current-context: a, contexts: [{name: a}]}", "kubeconfig {0}: contexts[a].context.cluster is not set" },
        { "{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: d}]}", "kubeconfig {0}: contexts[a].context.cluster, \"c\", is not in clusters of kubeconfig {0}; there are: d" },
        { "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c}]}", "kubeconfig {0}: contexts[a].context.user, \"u\", is not in users of kubeconfig {0}; there are: (there are none)" },
        { Config("{}").Replace("https://10.0.0.1:6443/base", "10.0.0.1:6443", StringComparison.Ordinal), "kubeconfig {0}: clusters[east].cluster.server \"10.0.0.1:6443\" is not an address such as https://10.0.0.1:6443" },
        { Config("{}", ", proxy-url: 'http://p'"), "kubeconfig {0}: clusters[east].cluster.proxy-url is not supported; set HTTPS_PROXY instead" },
        { Config("{}", ", certificate-authority-data: '%%'"), "kubeconfig {0}: clusters[east].cluster.certificate-authority-data is not base64" },
        { Config("{}", ", certificate-authority-data: eA=="), "kubeconfig {0}: clusters[east].cluster.certificate-authority-data holds no PEM certificate" },
        { Config("{}", ", certificate-authority: missing.crt"), "kubeconfig {0}: clusters[east].cluster.certificate-authority cannot be read: Could not find file '{1}/missing.crt'." },
        { Config("{}", ", insecure-skip-tls-verify: maybe"), "kubeconfig {0}: clusters[east].cluster.insecure-skip-tls-verify is neither true nor false" },
        { Config("{token: 12345}"), "kubeconfig {0}: users[me].user.token is a Number, not a text; quote it" },
        { Config("{client-certificate-data: eA==}"), "kubeconfig {0}: users[me].user.client-key is not set although client-certificate is" },
        { Config("{client-key-data: eA==}"), "kubeconfig {0}: users[me].user.client-certificate is not set although client-key is" },
        { Config("{client-key-data: c2VjcmV0, client-certificate-data: eA==}"), "kubeconfig {0}: users[me].user.client-certificate-data and kubeconfig {0}: users[me].user.client-key-data are not a PEM certificate and its private key: " },
        { Config("{auth-provider: {name: gcp}}"), "kubeconfig {0}: users[me].user.auth-provider is no longer part of Kubernetes; use exec" },
        { Config("{as: admin}"), "kubeconfig {0}: users[me].user.as (impersonation) is not supported; use a user with the rights needed" },
        { Config("{exec: {command: x}}"), "kubeconfig {0}: users[me].user.exec.apiVersion is not set" },
        { Config("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}"), "kubeconfig {0}: users[me].user.exec.apiVersion \"client.authentication.k8s.io/v1alpha1\" is not supported; client.authentication.k8s.io/v1 and v1beta1 are" },
        { Config("{exec: {apiVersion: client.authentication.k8s.io/v1}}"), "kubeconfig {0}: users[me].user.exec.command is not set" },
        { Config("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}"), "kubeconfig {0}: users[me].user.exec.interactiveMode \"Always\" is not supported: there is nobody to ask" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Says_in_one_line_what_is_wrong_and_never_a_secret(string text, string message)
    {
        var exception = Assert.Throws<KubernetesConfigurationException>(() => Load(text));

        var expected = message.Replace("{0}", File_("config"), StringComparison.Ordinal).Replace("{1}", _directory, StringComparison.Ordinal);
        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var exception = Assert.Throws<KubernetesConfigurationException>(() => KubernetesConfiguration.Load(File_("nope"), null, Places()));

        Assert.Equal($"kubeconfig {File_("nope")} cannot be read: Could not find file '{File_("nope")}'.", exception.Message);
    }

    [Fact]
    public void Looks_where_kubectl_looks()
    {
        Write("home/.kube/config", Config("{}").Replace("10.0.0.1", "home", StringComparison.Ordinal));
        Write("flag", Config("{}").Replace("10.0.0.1", "flag", StringComparison.Ordinal));
        Write("variable", Config("{}").Replace("10.0.0.1", "variable", StringComparison.Ordinal));
        Write("sa/token", "t");
        Write("sa/namespace", "ours\n");
        var bare = Places();
        var inPod = Places(("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "443"));
        var all = Places(("KUBERNETES_SERVICE_HOST", "10.1.1.1"), ("KUBERNETES_SERVICE_PORT", "443"), ("KUBECONFIG", File_("variable")));

        Assert.Equal("flag", KubernetesConfiguration.Load(File_("flag"), null, all).Server.Host);
        Assert.Equal("variable", KubernetesConfiguration.Load(null, null, all).Server.Host);
        Assert.Equal("https://[fd00::1]/", KubernetesConfiguration.Load(null, null, inPod).Server.AbsoluteUri);
        Assert.Equal("ours", KubernetesConfiguration.Load(null, null, inPod).Namespace);
        Assert.Equal("home", KubernetesConfiguration.Load(null, null, bare).Server.Host);

        File.Delete(File_("home/.kube/config"));
        var exception = Assert.Throws<KubernetesConfigurationException>(() => KubernetesConfiguration.Load(null, null, bare));
        Assert.Equal($"no Kubernetes cluster is configured: there is no {File_("home/.kube/config")}; give --kubeconfig FILE or set KUBECONFIG", exception.Message);
        exception = Assert.Throws<KubernetesConfigurationException>(() => KubernetesConfiguration.Load(null, null, Places(("KUBECONFIG", "/no/a:/no/b"))));
        Assert.Equal("KUBECONFIG=/no/a:/no/b: no such file", exception.Message);
    }

    [Fact]
    public async Task Of_several_files_the_first_that_says_it_decides_and_each_finds_its_own_files()
    {
        Write("a/config", "{current-context: x, users: [{name: u, user: {tokenFile: token}}]}");
        Write("a/token", "first");
        Write("b/config", "{current-context: y, users: [{name: u, user: {token: second}}], contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://b'}}]}");

        var configuration = KubernetesConfiguration.Load(null, null, Places(("KUBECONFIG", $"{File_("none")}:{File_("a/config")}:{File_("b/config")}")));

        Assert.Equal("http://b/", configuration.Server.AbsoluteUri);
        Assert.Equal("Bearer first", (await configuration.Credentials.GetAsync(default)).Authorization);
    }

    [Fact]
    public async Task A_token_file_is_read_again_every_minute_and_after_a_refusal_and_survives_being_away()
    {
        Write("token", "one");
        var source = Load(Config("{tokenFile: token}")).Credentials;
        async Task<string?> TokenAsync() => (await source.GetAsync(default)).Authorization;

        Assert.Equal("Bearer one", await TokenAsync());
        Write("token", "two");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("Bearer one", await TokenAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Bearer two", await TokenAsync());

        Write("token", "three");
        Assert.True(source.Renew(await source.GetAsync(default)));
        Assert.Equal("Bearer three", await TokenAsync());

        File.Delete(File_("token"));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("Bearer three", await TokenAsync());
    }

    [Fact]
    public async Task A_plugin_is_run_once_until_its_credential_expires_or_is_refused()
    {
        var source = Load(Exec("""
            echo run >> "$(dirname "$0")/runs"
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s-%s-%s","expirationTimestamp":"2026-01-01T01:00:00Z"}}' "$1" "$EXTRA" "$(wc -l < "$(dirname "$0")/runs" | tr -d ' ')"
            """)).Credentials;

        var tokens = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => (await source.GetAsync(default)).Authorization));
        Assert.Equal(Enumerable.Repeat("Bearer arg-env-1", 5), tokens);
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("Bearer arg-env-1", (await source.GetAsync(default)).Authorization);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Bearer arg-env-2", (await source.GetAsync(default)).Authorization);
    }

    [Fact]
    public async Task A_refused_credential_of_a_plugin_is_fetched_again()
    {
        var source = Load(Exec("""
            echo run >> "$(dirname "$0")/runs"
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' "$(wc -l < "$(dirname "$0")/runs" | tr -d ' ')"
            """)).Credentials;
        var first = await source.GetAsync(default);
        Assert.Same(first, await source.GetAsync(default));

        Assert.True(source.Renew(first));

        Assert.Equal("Bearer 2", (await source.GetAsync(default)).Authorization);
        source.Renew(first);
        Assert.Equal("Bearer 2", (await source.GetAsync(default)).Authorization);
    }

    [Fact]
    public async Task A_plugin_is_told_of_the_cluster_if_it_asks_to_be()
    {
        var source = Load(Exec("""
            printf '%s' "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info"
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}'
            """, ", provideClusterInfo: true")).Credentials;

        await source.GetAsync(default);

        Assert.Equal("""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false,"cluster":{"server":"https://10.0.0.1:6443/base"}}}""", File.ReadAllText(File_("info")));
    }

    [Theory]
    [InlineData("echo secret; echo no access >&2; echo more >&2; exit 3", "exit code 3: no access")]
    [InlineData("echo secret", "it printed no ExecCredential of client.authentication.k8s.io/v1")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"secret\"}}'", "it printed no ExecCredential of client.authentication.k8s.io/v1")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "its ExecCredential has neither a token nor a client certificate")]
    public async Task A_plugin_that_fails_is_one_clear_line(string script, string why)
    {
        var source = Load(Exec(script)).Credentials;

        var exception = await Assert.ThrowsAsync<KubernetesConfigurationException>(async () => await source.GetAsync(default));

        Assert.Equal($"kubeconfig {File_("config")}: users[me].user.exec.command \"{File_("plugin")}\" failed: {why}", exception.Message);
    }

    [Fact]
    public async Task A_plugin_that_is_not_installed_says_how_to_install_it()
    {
        var source = Load(Config("{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, installHint: 'get it\nhere'}}")).Credentials;

        var exception = await Assert.ThrowsAsync<KubernetesConfigurationException>(async () => await source.GetAsync(default));

        Assert.StartsWith($"kubeconfig {File_("config")}: users[me].user.exec.command \"no-such-plugin\" failed: ", exception.Message);
        Assert.EndsWith("; get it here", exception.Message);
    }

    static string Config(string user, string cluster = "") => """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts: [{name: here, context: {cluster: east, user: me, namespace: shop}}]
        clusters: [{name: east, cluster: {server: "https://10.0.0.1:6443/base"CLUSTER}}]
        users: [{name: me, user: USER}]
        """.Replace("CLUSTER", cluster, StringComparison.Ordinal).Replace("USER", user, StringComparison.Ordinal);

    string Exec(string script, string more = "")
    {
        Write("plugin", "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(File_("plugin"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return Config($"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [arg], env: [{{name: EXTRA, value: env}}]{more}}}}}");
    }

    KubernetesConfiguration Load(string text)
    {
        Write("config", text);
        return KubernetesConfiguration.Load(File_("config"), null, Places());
    }

    ConfigurationPlaces Places(params (string Name, string Value)[] variables) =>
        new(name => variables.FirstOrDefault(variable => variable.Name == name).Value, File_("home"), File_("sa"), _time);

    string File_(string name) => Path.Combine(_directory, name);

    string Base64(string name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(File.ReadAllText(File_(name))));

    void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File_(name))!);
        File.WriteAllText(File_(name), text);
    }
}
