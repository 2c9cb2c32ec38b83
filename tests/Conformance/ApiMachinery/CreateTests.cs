using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>What happens to an object when it is created.</summary>
public sealed class CreateTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: every object it owns")]
    public async Task The_server_adds_identity_and_version()
    {
        var made = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        var metadata = made["metadata"]!;
        Assert.Equal(Namespace, (string?)metadata["namespace"]);
        Assert.True(Guid.TryParse((string?)metadata["uid"], out _));
        Assert.True(ulong.TryParse((string?)metadata["resourceVersion"], out var version) && version > 0);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string?)metadata["creationTimestamp"]);
        Assert.Null(metadata["generation"]);
    }

    [Case("user: kubectl create")]
    public async Task A_second_one_of_the_same_name_is_refused()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        var second = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).ExpectRefusal(409, "AlreadyExists");

        Assert.Equal("configmaps \"a\" already exists", second.Message);
        Assert.Equal("configmaps", (string?)second.Body["details"]!["kind"]);
        Assert.Equal("a", (string?)second.Body["details"]!["name"]);
    }

    [Case("operator: events")]
    public async Task A_generated_name_is_the_prefix_and_five_letters()
    {
        var body = new JsonObject { ["metadata"] = new JsonObject { ["generateName"] = "made-" } };

        var made = (await Api.PostAsync(Core("configmaps"), body)).Expect(201);
        var other = (await Api.PostAsync(Core("configmaps"), body)).Expect(201);

        Assert.Matches("^made-[bcdfghjklmnpqrstvwxz2456789]{5}$", (string?)made["metadata"]!["name"]);
        Assert.Equal("made-", (string?)made["metadata"]!["generateName"]);
        Assert.NotEqual((string?)made["metadata"]!["name"], (string?)other["metadata"]!["name"]);
    }

    [Case("operator: StatefulSets")]
    public async Task What_the_server_decides_cannot_be_given()
    {
        var body = Manifest.Yaml("""
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: a, uid: 00000000-0000-4000-8000-000000000000, generation: 7, creationTimestamp: "2000-01-01T00:00:00Z", deletionTimestamp: "2000-01-01T00:00:00Z"}
            spec: {maxUnavailable: 1, selector: {matchLabels: {a: b}}}
            status: {currentHealthy: 9, desiredHealthy: 9, disruptionsAllowed: 9, expectedPods: 9}
            """);

        var made = (await Api.PostAsync(Group("policy/v1", "poddisruptionbudgets"), body)).Expect(201);

        Assert.NotEqual("00000000-0000-4000-8000-000000000000", (string?)made["metadata"]!["uid"]);
        Assert.Equal(1, (int?)made["metadata"]!["generation"]);
        Assert.DoesNotContain("2000", (string?)made["metadata"]!["creationTimestamp"], StringComparison.Ordinal);
        Assert.Null(made["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, (int?)made["status"]!["disruptionsAllowed"]);
    }

    [Case("user: a manifest that names another namespace")]
    public async Task The_namespace_of_body_and_path_must_be_the_same()
    {
        var body = Manifest.ConfigMap("a");
        body["metadata"]!["namespace"] = "elsewhere";

        var refused = (await Api.PostAsync(Core("configmaps"), body)).ExpectRefusal(400, "BadRequest");

        Assert.Equal("the namespace of the provided object does not match the namespace sent on the request", refused.Message);
    }

    [Case("user: kubectl create -n with a typing error")]
    public async Task Nothing_can_be_created_in_a_namespace_that_does_not_exist()
    {
        var refused = (await Api.PostAsync($"/api/v1/namespaces/{Namespace}-none/configmaps", Manifest.ConfigMap("a"))).ExpectRefusal(404, "NotFound");
        Assert.Equal($"namespaces \"{Namespace}-none\" not found", refused.Message);
        Assert.Equal("namespaces", (string?)refused.Body["details"]!["kind"]);
    }

    [Case("operator: creates without a version")]
    public async Task A_version_on_creation_is_an_error()
    {
        var body = Manifest.ConfigMap("a");
        body["metadata"]!["resourceVersion"] = "1";

        var refused = await Api.PostAsync(Core("configmaps"), body);

        Assert.Equal("resourceVersion should not be set on objects to be created", refused.Message);
        Assert.Equal(500, refused.Status);
    }
}
