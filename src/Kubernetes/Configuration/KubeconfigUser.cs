using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>The ways in which a kubeconfig's user can prove who he is.</summary>
static class KubeconfigUser
{
    public static ICredentialSource Read(KubeconfigSection user, KubeconfigSection cluster, TimeProvider time)
    {
        if (user.Body["auth-provider"] is not null)
        {
            throw user.Wrong("auth-provider", "is no longer part of Kubernetes; use exec");
        }

        if (user.Body["as"] is not null)
        {
            throw user.Wrong("as", "(impersonation) is not supported; use a user with the rights needed");
        }

        var certificate = ReadCertificate(user);
        if (user.FilePath("tokenFile") is { } tokenFile)
        {
            return new TokenFileCredentials(tokenFile, certificate, time);
        }

        if (user.Text("token") is { } token)
        {
            return StaticCredentials.OfToken(token, certificate);
        }

        if (user.Section("exec") is { } exec)
        {
            return new ExecCredentials(ReadPlugin(exec, cluster), time);
        }

        if (user.Text("username") is { } username)
        {
            return StaticCredentials.OfPassword(username, user.Text("password") ?? "", certificate);
        }

        return new StaticCredentials(new Credential(null, certificate));
    }

    static X509Certificate2? ReadCertificate(KubeconfigSection user)
    {
        var certificate = user.Pem("client-certificate-data", "client-certificate");
        var key = user.Pem("client-key-data", "client-key");
        return (certificate, key) switch
        {
            (null, null) => null,
            ({ } c, { } k) => PemCertificates.ReadClient(c.Pem, c.Origin, k.Pem, k.Origin),
            (null, _) => throw user.Wrong("client-certificate", "is not set although client-key is"),
            (_, null) => throw user.Wrong("client-key", "is not set although client-certificate is"),
        };
    }

    static ExecPlugin ReadPlugin(KubeconfigSection exec, KubeconfigSection cluster)
    {
        var version = exec.Text("apiVersion") ?? throw exec.Wrong("apiVersion", "is not set");
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw exec.Wrong("apiVersion", $"\"{version}\" is not supported; client.authentication.k8s.io/v1 and v1beta1 are");
        }

        if (exec.Text("interactiveMode") == "Always")
        {
            throw exec.Wrong("interactiveMode", "\"Always\" is not supported: there is nobody to ask");
        }

        var command = exec.Text("command") ?? throw exec.Wrong("command", "is not set");
        return new ExecPlugin
        {
            Field = $"kubeconfig {exec.File}: {exec.Field}",
            ApiVersion = version,
            Command = command.Contains('/', StringComparison.Ordinal) ? exec.FilePath("command")! : command,
            Arguments = [.. List(exec, "args").Select((argument, i) => argument?.ToString() ?? throw exec.Wrong($"args[{i}]", "is empty"))],
            Variables = [.. List(exec, "env").Select((variable, i) => Variable(exec, variable, i))],
            InstallHint = exec.Text("installHint"),
            Cluster = exec.Flag("provideClusterInfo") ? ClusterInfo(cluster) : null,
        };
    }

    static JsonArray List(KubeconfigSection section, string name) => section.Body[name] switch
    {
        null => [],
        JsonArray list => list,
        _ => throw section.Wrong(name, "is not a list"),
    };

    static KeyValuePair<string, string> Variable(KubeconfigSection exec, JsonNode? variable, int index) =>
        variable is JsonObject body && body["name"] is { } name
            ? KeyValuePair.Create(name.ToString(), body["value"]?.ToString() ?? "")
            : throw exec.Wrong($"env[{index}].name", "is not set");

    static JsonObject ClusterInfo(KubeconfigSection cluster)
    {
        var info = new JsonObject { ["server"] = cluster.Text("server") };
        if (cluster.Text("tls-server-name") is { } name)
        {
            info["tls-server-name"] = name;
        }

        if (cluster.Flag("insecure-skip-tls-verify"))
        {
            info["insecure-skip-tls-verify"] = true;
        }

        if (cluster.Pem("certificate-authority-data", "certificate-authority") is { } authority)
        {
            info["certificate-authority-data"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authority.Pem));
        }

        return info;
    }
}
