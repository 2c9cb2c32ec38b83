namespace Slotwise.ObjectStore.Tests;

public sealed class DeletionTests
{
    const string Pod = """{"metadata":{"name":"p"},"spec":{"nodeName":"n","terminationGracePeriodSeconds":20,"containers":[{"name":"c","image":"i"}]}}""";

    readonly World _world = new();

    [Fact]
    public void A_finalizer_holds_an_object_until_it_is_removed()
    {
        _world.Create("configmaps", """{"metadata":{"name":"a","finalizers":["x/y"]}}""");
        Assert.False(_world.Delete("configmaps", "a").Gone);
        Assert.True(Meta.IsDeleting(_world.Get("configmaps", "a")));

        var refused = Assert.Throws<KubernetesApiException>(() => _world.Patch("configmaps", "a", PatchType.Merge, """{"metadata":{"finalizers":["x/y","x/z"]}}"""));
        Assert.Contains("no new finalizers can be added if the object is being deleted", refused.Message, StringComparison.Ordinal);

        _world.Patch("configmaps", "a", PatchType.Merge, """{"metadata":{"finalizers":null}}""");
        Assert.False(_world.Exists("configmaps", "a"));
    }

    [Fact]
    public void A_running_pod_waits_for_its_node()
    {
        _world.Create("pods", Pod);
        Assert.False(_world.Delete("pods", "p").Gone);

        var deleting = _world.Get("pods", "p").Object("metadata");
        Assert.Equal("2026-01-01T00:00:20Z", deleting.Text("deletionTimestamp"));
        Assert.Equal(20, deleting.Number("deletionGracePeriodSeconds"));

        Assert.False(_world.Delete("pods", "p", new DeleteOptions { GracePeriodSeconds = 5 }).Gone);
        Assert.Equal(5, _world.Get("pods", "p").Object("metadata").Number("deletionGracePeriodSeconds"));
        _world.Delete("pods", "p", new DeleteOptions { GracePeriodSeconds = 60 });
        Assert.Equal(5, _world.Get("pods", "p").Object("metadata").Number("deletionGracePeriodSeconds"));

        Assert.True(_world.Delete("pods", "p", new DeleteOptions { GracePeriodSeconds = 0 }).Gone);
        Assert.False(_world.Exists("pods", "p"));
    }

    [Fact]
    public void A_pod_without_a_node_goes_at_once()
    {
        _world.Create("pods", Pod.Replace("\"nodeName\":\"n\",", "", StringComparison.Ordinal));
        Assert.True(_world.Delete("pods", "p").Gone);
    }

    [Fact]
    public void Preconditions_protect_a_successor()
    {
        var created = _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Delete("configmaps", "a", new DeleteOptions { PreconditionUid = "other" }));
        Assert.True(refused.IsConflict);
        Assert.True(_world.Delete("configmaps", "a", new DeleteOptions { PreconditionUid = Meta.Uid(created) }).Gone);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public void What_becomes_of_dependents_is_left_to_the_garbage_collector(string policy, string finalizer)
    {
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        Assert.False(_world.Delete("configmaps", "a", new DeleteOptions { PropagationPolicy = policy }).Gone);
        Assert.Equal([finalizer], Meta.Finalizers(_world.Get("configmaps", "a")));
    }

    [Fact]
    public void A_namespace_takes_its_contents_with_it_and_waits_for_the_last()
    {
        var namespaces = _world.Kind("namespaces");
        _world.Create("namespaces", """{"metadata":{"name":"team"}}""");
        _world.Store.Create(_world.Kind("configmaps"), "team", World.Parse("""{"metadata":{"name":"a"}}"""), new WriteOptions { Manager = "test" });
        _world.Store.Create(_world.Kind("pods"), "team", World.Parse(Pod), new WriteOptions { Manager = "test" });

        Assert.False(_world.Delete("namespaces", "team").Gone);

        Assert.Equal("Terminating", _world.Store.Get(namespaces, null, "team").Json.At("status.phase").AsText());
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Store.Create(_world.Kind("configmaps"), "team", World.Parse("""{"metadata":{"name":"b"}}"""), new WriteOptions { Manager = "test" }));
        Assert.True(refused.IsNamespaceTerminating);
        Assert.Single(_world.Store.Everything("team"));

        _world.Store.Delete(_world.Kind("pods"), "team", "p", new DeleteOptions { GracePeriodSeconds = 0 });
        Assert.False(_world.Exists("namespaces", "team"));
    }
}
