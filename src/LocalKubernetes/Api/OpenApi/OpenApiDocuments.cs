using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.LocalKubernetes.Api.OpenApi;

/// <summary>OpenAPI v3, one document for each group and version, made from the same schemas that objects are checked against.</summary>
/// <remarks><c>kubectl explain</c> reads the schemas, and kubectl's validation asks which parameters a PATCH of a kind knows.</remarks>
public sealed class OpenApiDocuments(KindRegistry kinds)
{
    volatile Edition _edition = new(-1, []);

    /// <summary><c>/openapi/v3</c>: where the documents are.</summary>
    public JsonObject Index()
    {
        var edition = Current();
        return new()
        {
            ["paths"] = new JsonObject(edition.Paths.Select(path => KeyValuePair.Create(path, (JsonNode?)new JsonObject
            {
                ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Convert.ToHexString(SHA256.HashData(edition.Document(path)))}",
            }))),
        };
    }

    /// <param name="path">Such as <c>api/v1</c> or <c>apis/apps/v1</c>.</param>
    /// <returns>Null when there is no such version.</returns>
    public byte[]? Document(string path)
    {
        var edition = Current();
        return edition.Paths.Contains(path) ? edition.Document(path) : null;
    }

    Edition Current()
    {
        // before the kinds: newer ones under an older number are only looked at once more
        var revision = kinds.Revision;
        var edition = _edition;
        return edition.Revision == revision ? edition : _edition = new Edition(revision, [.. kinds.All]);
    }

    static string PathOf(ResourceKind kind) => kind.Kind.Path(null)[1..^(kind.Kind.Plural.Length + 1)];

    static JsonObject Build(string path, IEnumerable<ResourceKind> kinds)
    {
        var schemas = new WriteSchema();
        var paths = new JsonObject();
        foreach (var kind in kinds.Where(kind => PathOf(kind) == path))
        {
            schemas.AddKind(NameOf(kind), kind.Schema, kind.Kind);
            AddPaths(paths, kind);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "localkube", ["version"] = ApiServer.Version },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas.Components.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
            },
        };
    }

    static void AddPaths(JsonObject paths, ResourceKind kind)
    {
        var collection = kind.Kind.Path("{namespace}");
        paths[collection] = new JsonObject
        {
            ["get"] = Operation(kind, "list", []),
            ["post"] = Operation(kind, "post", ["dryRun", "fieldManager", "fieldValidation"]),
            ["delete"] = Operation(kind, "deletecollection", ["dryRun"]),
        };
        paths[$"{collection}/{{name}}"] = new JsonObject
        {
            ["get"] = Operation(kind, "get", []),
            ["put"] = Operation(kind, "put", ["dryRun", "fieldManager", "fieldValidation"]),
            ["patch"] = Operation(kind, "patch", ["dryRun", "fieldManager", "fieldValidation", "force"]),
            ["delete"] = Operation(kind, "delete", ["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
        };
    }

    static JsonObject Operation(ResourceKind kind, string action, IEnumerable<string> parameters) => new()
    {
        ["parameters"] = new JsonArray([.. parameters.Select(name => (JsonNode)new JsonObject
        {
            ["name"] = name,
            ["in"] = "query",
            ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
        })]),
        ["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "OK",
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{NameOf(kind)}" } },
                },
            },
        },
        ["x-kubernetes-action"] = action,
        ["x-kubernetes-group-version-kind"] = WriteSchema.KindOf(kind.Kind),
    };

    static string NameOf(ResourceKind kind) =>
        kind.Schema.TypeName ?? string.Join('.', kind.Kind.Group.Split('.').Reverse().Append(kind.Kind.Version).Append(kind.Kind.Kind));

    /// <summary>The documents while the kinds are these: none of them goes between the index and its documents, and none of older kinds is kept.</summary>
    sealed class Edition(long revision, IReadOnlyList<ResourceKind> kinds)
    {
        readonly ConcurrentDictionary<string, byte[]> _documents = new();

        public long Revision => revision;

        public IReadOnlyList<string> Paths { get; } = [.. kinds.Select(PathOf).Distinct()];

        public byte[] Document(string path) => _documents.GetOrAdd(path, key => JsonSerializer.SerializeToUtf8Bytes(Build(key, kinds)));
    }
}
