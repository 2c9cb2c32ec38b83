using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>
/// The files that kubectl shares with us, merged: the first file that names a cluster, a user, a context or the current context decides it.
/// See "Organizing Cluster Access Using kubeconfig Files" in the Kubernetes documentation.
/// </summary>
sealed class Kubeconfig
{
    readonly SortedDictionary<string, KubeconfigSection> _clusters = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, KubeconfigSection> _users = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, KubeconfigSection> _contexts = new(StringComparer.Ordinal);
    readonly string _files;
    string? _currentContext;

    Kubeconfig(string files) => _files = files;

    /// <param name="mustExist">Whether a missing file is an error; of those in <c>KUBECONFIG</c> one is enough.</param>
    public static Kubeconfig Read(IReadOnlyList<string> files, bool mustExist)
    {
        var merged = new Kubeconfig(string.Join(Path.PathSeparator, files));
        var found = false;
        foreach (var file in files)
        {
            if (mustExist || File.Exists(file))
            {
                merged.Add(file);
                found = true;
            }
        }

        return found ? merged : throw new KubernetesConfigurationException($"KUBECONFIG={merged._files}: no such file");
    }

    public KubernetesConfiguration Resolve(string? contextName, ConfigurationPlaces places)
    {
        contextName ??= _currentContext
            ?? throw new KubernetesConfigurationException($"kubeconfig {_files}: current-context is not set; give one of: {Names(_contexts)}");
        var context = Find(_contexts, contextName, "contexts", "the context asked for");
        var origin = $"kubeconfig {context.File}: {context.Field}";
        var clusterName = context.Text("cluster") ?? throw context.Wrong("cluster", "is not set");
        var cluster = Find(_clusters, clusterName, "clusters", $"{origin}.cluster");
        var user = context.Text("user") is { } userName ? Find(_users, userName, "users", $"{origin}.user") : null;

        var authorities = cluster.Pem("certificate-authority-data", "certificate-authority");
        var skipVerify = cluster.Flag("insecure-skip-tls-verify");
        if (skipVerify && authorities is not null)
        {
            throw cluster.Wrong("insecure-skip-tls-verify", "is true although a certificate authority is given; remove one of them");
        }

        if (cluster.Text("proxy-url") is not null)
        {
            throw cluster.Wrong("proxy-url", "is not supported; set HTTPS_PROXY instead");
        }

        return new KubernetesConfiguration
        {
            Server = Server(cluster),
            Namespace = context.Text("namespace") ?? "default",
            Source = $"kubeconfig {context.File}, context {contextName}",
            CertificateAuthorities = authorities is { } pem ? PemCertificates.ReadAuthorities(pem.Pem, pem.Origin) : null,
            SkipTlsVerify = skipVerify,
            TlsServerName = cluster.Text("tls-server-name"),
            Credentials = user is null ? new StaticCredentials(Credential.None) : KubeconfigUser.Read(user, cluster, places.Time),
        };
    }

    static Uri Server(KubeconfigSection cluster)
    {
        var text = cluster.Text("server") ?? throw cluster.Wrong("server", "is not set");
        return Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "https" or "http"
            ? server
            : throw cluster.Wrong("server", $"\"{text}\" is not an address such as https://10.0.0.1:6443");
    }

    static string Names(SortedDictionary<string, KubeconfigSection> sections) =>
        sections.Count == 0 ? "(there are none)" : string.Join(", ", sections.Keys);

    KubeconfigSection Find(SortedDictionary<string, KubeconfigSection> sections, string name, string list, string askedBy) =>
        sections.TryGetValue(name, out var section)
            ? section
            : throw new KubernetesConfigurationException($"{askedBy}, \"{name}\", is not in {list} of kubeconfig {_files}; there are: {Names(sections)}");

    void Add(string file)
    {
        JsonNode? root;
        try
        {
            root = KubernetesYaml.Read(File.ReadAllText(file));
        }
        catch (KubernetesYamlException exception)
        {
            throw new KubernetesConfigurationException($"kubeconfig {file} is not YAML: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigurationException($"kubeconfig {file} cannot be read: {exception.Message}", exception);
        }

        if (root is null)
        {
            return;
        }

        if (root is not JsonObject body)
        {
            throw new KubernetesConfigurationException($"kubeconfig {file} is not a mapping with clusters, users and contexts");
        }

        if (_currentContext is null && body["current-context"] is { } current && current.GetValueKind() == JsonValueKind.String)
        {
            _currentContext = current.GetValue<string>() is { Length: > 0 } name ? name : null;
        }

        AddList(_clusters, body, file, "clusters", "cluster");
        AddList(_users, body, file, "users", "user");
        AddList(_contexts, body, file, "contexts", "context");
    }

    static void AddList(SortedDictionary<string, KubeconfigSection> target, JsonObject root, string file, string list, string field)
    {
        if (root[list] is null)
        {
            return;
        }

        if (root[list] is not JsonArray entries)
        {
            throw new KubernetesConfigurationException($"kubeconfig {file}: {list} is not a list");
        }

        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is not JsonObject entry || entry["name"]?.GetValueKind() != JsonValueKind.String)
            {
                throw new KubernetesConfigurationException($"kubeconfig {file}: {list}[{i}].name is not set");
            }

            var name = entry["name"]!.GetValue<string>();
            var section = new KubeconfigSection(entry[field] as JsonObject ?? [], file, $"{list}[{name}].{field}");
            target.TryAdd(name, section);
        }
    }
}
