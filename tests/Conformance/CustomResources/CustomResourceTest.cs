using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Conformance.CustomResources;

/// <summary>A kind of the case's own: Toy, in a group that is named by the case's namespace.</summary>
public abstract class CustomResourceTest(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    protected const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    readonly List<string> _defined = [];

    protected string ToyGroup => $"{Namespace}.slotwise.dev";

    protected string DefinitionName => $"toys.{ToyGroup}";

    /// <summary>Of the toys of this case, or of one: <c>Toys("/t")</c>.</summary>
    protected string Toys(string rest = "", string version = "v1") => Group($"{ToyGroup}/{version}", $"toys{rest}");

    /// <summary>A definition of toys with one version, whose <c>spec</c> is as the YAML says.</summary>
    protected JsonObject Definition(string spec) => DefinitionOf($"""
        type: object
        properties:
          spec:
        {Indented(spec, 4)}
          status:
            type: object
            properties:
              count: {"{type: integer, minimum: 0}"}
              selector: {"{type: string}"}
        """);

    protected JsonObject DefinitionOf(string schema) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = DefinitionName },
        ["spec"] = new JsonObject
        {
            ["group"] = ToyGroup,
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject { ["plural"] = "toys", ["kind"] = "Toy" },
            ["versions"] = new JsonArray(Version("v1", schema, isStored: true)),
        },
    };

    protected static JsonObject Version(string name, string schema, bool isStored) => new()
    {
        ["name"] = name,
        ["served"] = true,
        ["storage"] = isStored,
        ["schema"] = new JsonObject { ["openAPIV3Schema"] = KubernetesYaml.Read(schema) },
    };

    /// <summary>Creates the definition and waits until its objects are served.</summary>
    protected async Task<JsonObject> DefineAsync(JsonObject definition)
    {
        var name = (string)definition["metadata"]!["name"]!;
        _defined.Add(name);
        (await Api.PostAsync(Definitions, definition)).Expect(201);
        return await AwaitServedAsync(name);
    }

    protected Task<JsonObject> DefineAsync(string spec) => DefineAsync(Definition(spec));

    /// <summary>Replaces the definition and waits until the answers show it, which a real server takes a moment for.</summary>
    protected async Task RedefineAsync(Action<JsonObject> change, Func<Task<bool>> isInForce)
    {
        var definition = (await Api.GetAsync($"{Definitions}/{DefinitionName}")).Expect(200);
        change(definition);
        (await Api.PutAsync($"{Definitions}/{DefinitionName}", definition)).Expect(200);
        for (var tries = 0; !await isInForce(); tries++)
        {
            Assert.True(tries < 300, "waited 30 s for a changed definition to be in force");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancel);
        }
    }

    /// <summary>A toy with this spec, in JSON.</summary>
    protected JsonObject Toy(string name, string spec, string version = "v1") => new()
    {
        ["apiVersion"] = $"{ToyGroup}/{version}",
        ["kind"] = "Toy",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = JsonNode.Parse(spec),
    };

    protected Task<ApiAnswer> CreateAsync(string name, string spec, string query = "") => Api.PostAsync($"{Toys()}{query}", Toy(name, spec));

    public override async ValueTask DisposeAsync()
    {
        foreach (var name in _defined)
        {
            await Api.DeleteAsync($"{Definitions}/{name}");
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    async Task<JsonObject> AwaitServedAsync(string name)
    {
        var definition = await Api.AwaitAsync($"{Definitions}/{name}", one => IsTrue(one, "Established"), "the kind to be established");
        var spec = definition["spec"]!;
        var served = spec["versions"]!.AsArray().First(version => (bool)version!["served"]!)!;
        var path = $"/apis/{(string?)spec["group"]}/{(string?)served["name"]}/{(string?)spec["names"]!["plural"]}";
        for (var tries = 0; (await Api.GetAsync(path)).Status != 200; tries++)
        {
            Assert.True(tries < 300, $"waited 30 s for {path} to be served");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancel);
        }

        return definition;
    }

    protected static bool IsTrue(JsonObject definition, string condition) => (string?)Condition(definition, condition)?["status"] == "True";

    protected static JsonNode? Condition(JsonObject definition, string type) =>
        definition["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type);

    /// <summary>That the answer refuses one field, with these words in its message.</summary>
    protected static void AssertRefused(ApiAnswer answer, string field, string words)
    {
        answer.ExpectRefusal(422, "Invalid");
        Assert.True(
            answer.Causes.Any(cause => cause.Field == field && cause.Message.Contains(words, StringComparison.Ordinal)),
            $"expected {field}: {words} in {answer}");
    }

    static string Indented(string text, int by) => string.Join('\n', text.TrimEnd().Split('\n').Select(line => new string(' ', by) + line));
}
