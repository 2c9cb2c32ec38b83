namespace Slotwise.ObjectStore.Tests;

public sealed class StoreTests
{
    const string ConfigMap = """{"metadata":{"name":"a"},"data":{"k":"v"}}""";

    readonly World _world = new();

    [Fact]
    public void A_created_object_gets_what_the_server_fills_in()
    {
        var created = _world.Create("configmaps", ConfigMap);

        Assert.Equal("v1", created.Text("apiVersion"));
        Assert.Equal("ConfigMap", created.Text("kind"));
        var metadata = created.Object("metadata");
        Assert.Equal("default", metadata.Text("namespace"));
        Assert.Equal("2026-01-01T00:00:00Z", metadata.Text("creationTimestamp"));
        Assert.True(Guid.TryParse(metadata.Text("uid"), out _));
        Assert.Equal(_world.Store.ResourceVersion.ToString(), metadata.Text("resourceVersion"));
        Assert.True(JsonNode.DeepEquals(created, _world.Get("configmaps", "a")));
    }

    [Fact]
    public void A_write_that_changes_nothing_keeps_the_version()
    {
        var created = _world.Create("configmaps", ConfigMap);
        var updated = _world.Update("configmaps", created.Clone());
        Assert.Equal(Meta.ResourceVersion(created), Meta.ResourceVersion(updated));
    }

    [Fact]
    public void An_update_of_an_older_version_is_a_conflict()
    {
        var old = _world.Create("configmaps", ConfigMap).Clone();
        _world.Patch("configmaps", "a", PatchType.Merge, """{"data":{"k":"w"}}""");
        old["data"]!["k"] = "x";

        var refused = Assert.Throws<KubernetesApiException>(() => _world.Update("configmaps", old));

        Assert.True(refused.IsConflict);
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", refused.Message);
    }

    [Fact]
    public void Names_are_generated_and_reproducible()
    {
        var first = Meta.Name(_world.Create("configmaps", """{"metadata":{"generateName":"x-"}}"""));
        var again = Meta.Name(new World().Create("configmaps", """{"metadata":{"generateName":"x-"}}"""));
        Assert.Matches("^x-[bcdfghjklmnpqrstvwxz2456789]{5}$", first);
        Assert.Equal(first, again);
    }

    [Fact]
    public void What_exists_cannot_be_created_and_what_does_not_cannot_be_read()
    {
        _world.Create("configmaps", ConfigMap);
        Assert.True(Assert.Throws<KubernetesApiException>(() => _world.Create("configmaps", ConfigMap)).IsAlreadyExists);
        Assert.Equal("configmaps \"b\" not found", Assert.Throws<KubernetesApiException>(() => _world.Get("configmaps", "b")).Message);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("a_b")]
    [InlineData("-a")]
    [InlineData("a..b")]
    public void A_bad_name_is_refused(string name)
    {
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Create("configmaps", $$$"""{"metadata":{"name":"{{{name}}}"}}"""));
        Assert.Contains($"metadata.name: Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_changes_nothing()
    {
        var version = _world.Store.ResourceVersion;
        _world.Store.Create(_world.Kind("configmaps"), "default", World.Parse(ConfigMap), new WriteOptions { Manager = "test", DryRun = true });
        Assert.Equal(version, _world.Store.ResourceVersion);
        Assert.False(_world.Exists("configmaps", "a"));
    }

    [Fact]
    public void An_unknown_namespace_is_refused()
    {
        var refused = Assert.Throws<KubernetesApiException>(() =>
            _world.Store.Create(_world.Kind("configmaps"), "nowhere", World.Parse(ConfigMap), new WriteOptions { Manager = "test" }));
        Assert.Equal("namespaces \"nowhere\" not found", refused.Message);
    }

    [Fact]
    public void Unknown_fields_are_refused_when_strict_and_dropped_otherwise()
    {
        const string Typo = """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i","imagePolicy":"x"}]}}""";
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Create("pods", Typo));
        Assert.Equal("Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field \"spec.containers[0].imagePolicy\"", refused.Message);

        var result = _world.Store.Create(_world.Kind("pods"), "default", World.Parse(Typo), new WriteOptions { Manager = "test" });
        Assert.Equal(["unknown field \"spec.containers[0].imagePolicy\""], result.Warnings);
        Assert.DoesNotContain("imagePolicy", result.Object.Json.ToJsonString(), StringComparison.Ordinal);
    }
}
