using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Cache;

public sealed class CombinedCacheTests
{
    [Fact]
    public void Several_namespaces_look_like_one_cache() => VirtualLoop.Run(async time =>
    {
        var owner = new NamespacedName("shop", "o");
        var first = Build(time, Map("shop", "b"), Map("shop", "a"));
        var second = Build(time, Map("bar", "c"));
        var both = new CombinedCache<V1ConfigMap>([first, second]);
        await using var run = new RunningInformer(first);
        await first.WaitForSyncAsync(CancellationToken.None);
        Assert.False(both.HasSynced);
        await using var run2 = new RunningInformer(second);
        await second.WaitForSyncAsync(CancellationToken.None);

        Assert.True(both.HasSynced);
        Assert.Equal(["c", "a", "b"], both.List().Select(map => map.Metadata.Name));
        Assert.Equal(["c", "a", "b"], both.OwnedBy(owner).Select(map => map.Metadata.Name));
        Assert.Equal("c", both.Get(new NamespacedName("bar", "c"))!.Metadata.Name);
        Assert.Null(both.Get(new NamespacedName("shop", "c")));

        Informer<V1ConfigMap> Build(FakeTimeProvider clock, params V1ConfigMap[] maps)
        {
            var api = new ScriptedApi();
            api.OnList("1", null, maps);
            return new Informer<V1ConfigMap>(api, new InformerOptions<V1ConfigMap> { OwnerOf = _ => owner }, clock, new Random(1), NullLogger.Instance);
        }
    });

    static V1ConfigMap Map(string ns, string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns } };
}
