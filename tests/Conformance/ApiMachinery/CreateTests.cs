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
}
