using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Controllers.Discovery;

/// <summary>Asks the API server which kinds it has, and for objects of kinds that nobody has written a model for.</summary>
public sealed class ApiDiscovery(UntypedClient api)
{
    const string Accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    readonly Lock _gate = new();
    readonly Dictionary<(string ApiVersion, string Kind), ServedKind> _known = [];

    public UntypedClient Api { get; } = api;

    /// <summary>All kinds, each in the version that the server prefers.</summary>
    public async Task<IReadOnlyList<ServedKind>> ReadAsync(CancellationToken cancellationToken)
    {
        var preferred = new List<ServedKind>();
        foreach (var path in (string[])["/api", "/apis"])
        {
            foreach (var group in Objects((await Api.GetAsync(path, Accept, cancellationToken)).Array("items")))
            {
                var seen = new HashSet<string>();
                foreach (var version in Objects(group.Array("versions")))
                {
                    foreach (var resource in Objects(version.Array("resources")))
                    {
                        var kind = Read(group.Object("metadata").Text("name") ?? "", version.Text("version") ?? "", resource);
                        lock (_gate)
                        {
                            _known[(kind.Kind.ApiVersion, kind.Kind.Kind)] = kind;
                        }

                        if (seen.Add(kind.Kind.Plural))
                        {
                            preferred.Add(kind);
                        }
                    }
                }
            }
        }

        return preferred;
    }

    /// <summary>The kind that an owner reference names; null when there never was one. One that is gone is remembered: asking for its objects answers 404.</summary>
    public async Task<ServedKind?> FindAsync(string apiVersion, string kind, CancellationToken cancellationToken)
    {
        if (Known(apiVersion, kind) is { } known)
        {
            return known;
        }

        await ReadAsync(cancellationToken);
        return Known(apiVersion, kind);
    }

    /// <summary>The metadata of an object as it is now; null when there is none.</summary>
    public async Task<V1ObjectMeta?> MetadataAsync(ServedKind kind, string? ns, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        try
        {
            return MetadataOf(await Api.GetAsync(kind.Kind.Path(ns, name), UntypedClient.Metadata, cancellationToken));
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>The metadata of all objects of a kind in a namespace.</summary>
    public async Task<IReadOnlyList<AnyObject>> ListAsync(ServedKind kind, string ns, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var list = await Api.GetAsync(kind.Kind.Path(ns), UntypedClient.MetadataList, cancellationToken);
        return [.. Objects(list.Array("items")).Select(item => new AnyObject(kind, MetadataOf(item)))];
    }

    public static V1ObjectMeta MetadataOf(JsonObject obj) =>
        obj?["metadata"]?.Deserialize(KubernetesJson.Default.V1ObjectMeta) ?? new V1ObjectMeta();

    ServedKind? Known(string apiVersion, string kind)
    {
        lock (_gate)
        {
            return _known.GetValueOrDefault((apiVersion, kind));
        }
    }

    static ServedKind Read(string group, string version, JsonObject resource) => new(
        new KubernetesKind(group, version, resource.Object("responseKind").Text("kind") ?? "", resource.Text("resource") ?? "", resource.Text("scope") == "Namespaced"),
        [.. resource.Array("verbs").Texts()],
        [.. Objects(resource.Array("subresources")).Select(part => part.Text("subresource") ?? "")]);

    static IEnumerable<JsonObject> Objects(JsonArray? list) => (list ?? []).OfType<JsonObject>();
}
