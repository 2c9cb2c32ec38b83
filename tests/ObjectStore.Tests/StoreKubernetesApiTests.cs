namespace Slotwise.ObjectStore.Tests;

public sealed class StoreKubernetesApiTests
{
    readonly World _world = new();

    [Fact]
    public async Task The_port_does_what_it_does_over_http()
    {
        var api = new StoreKubernetesApi(_world.Store, "test");
        var none = CancellationToken.None;
        var map = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["k"] = "v" } };

        var applied = await api.ApplyAsync(map, new ApplyOptions { FieldManager = "slotwise" }, none);
        Assert.NotNull(applied.Metadata.Uid);
        Assert.Equal(applied.Metadata.ResourceVersion, (await api.ApplyAsync(map, new ApplyOptions { FieldManager = "slotwise" }, none)).Metadata.ResourceVersion);
        Assert.Equal("v", (await api.GetAsync<V1ConfigMap>("default", "a", none)).Data!["k"]);
        Assert.Single((await api.ListAsync<V1ConfigMap>(null, new ListOptions(), none)).Items);

        await api.MergePatchAsync<V1ConfigMap>("default", "a", World.Parse("""{"data":{"k":null}}"""), null, none);
        await api.DeleteAsync<V1ConfigMap>("default", "a", new DeleteOptions { PreconditionUid = applied.Metadata.Uid }, none);
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => api.GetAsync<V1ConfigMap>("default", "a", none))).IsNotFound);

        var types = new List<WatchEventType>();
        await foreach (var change in api.WatchAsync<V1ConfigMap>(null, new WatchOptions { ResourceVersion = (long.Parse(applied.Metadata.ResourceVersion!) - 1).ToString(), Timeout = TimeSpan.FromMinutes(1) }, none))
        {
            types.Add(change.Type);
            if (change.Type is WatchEventType.Deleted)
            {
                break;
            }
        }

        Assert.Equal([WatchEventType.Added, WatchEventType.Modified, WatchEventType.Deleted], types);
    }

    [Fact]
    public async Task A_lease_is_replaced_only_by_who_read_it_last()
    {
        var api = new StoreKubernetesApi(_world.Store, "test");
        var lease = await api.CreateAsync(
            new V1Lease { Metadata = new V1ObjectMeta { Name = "l", NamespaceProperty = "default" }, Spec = new V1LeaseSpec { HolderIdentity = "a", RenewTime = _world.Time.GetUtcNow() } },
            CancellationToken.None);
        await api.ReplaceLeaseAsync(lease with { Spec = lease.Spec! with { HolderIdentity = "b" } }, CancellationToken.None);
        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => api.ReplaceLeaseAsync(lease with { Spec = lease.Spec with { HolderIdentity = "c" } }, CancellationToken.None));
        Assert.True(refused.IsConflict);
        Assert.Equal("b", (await api.GetAsync<V1Lease>("default", "l", CancellationToken.None)).Spec!.HolderIdentity);
    }
}
