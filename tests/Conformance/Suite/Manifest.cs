using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Conformance.Suite;

/// <summary>Objects as people write them.</summary>
public static class Manifest
{
    /// <summary>One document of YAML.</summary>
    public static JsonObject Yaml(string text) => KubernetesYaml.Read(text)!.AsObject();

    /// <summary>One value of JSON, such as a patch.</summary>
    public static JsonNode Json(string text) => JsonNode.Parse(text)!;

    /// <summary>A ConfigMap with some data.</summary>
    public static JsonObject ConfigMap(string name, params IEnumerable<(string Key, string Value)> data) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject(data.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
    };

    /// <summary>A pod with one container, <c>main</c>, that runs a script of bash and ends at once when it is told to.</summary>
    public static JsonObject Pod(string name, string script) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app"] = name } },
        ["spec"] = new JsonObject
        {
            ["terminationGracePeriodSeconds"] = 1,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "main",
                ["image"] = Images.Shell,
                ["command"] = new JsonArray("bash", "-c", script),
            }),
        },
    };
}
