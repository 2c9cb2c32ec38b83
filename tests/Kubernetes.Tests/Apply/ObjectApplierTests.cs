using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;

namespace Slotwise.Kubernetes.Tests.Apply;

public sealed class ObjectApplierTests
{
    readonly MemoryApi _api = new(TimeProvider.System);

    [Fact]
    public async Task Writes_once_and_not_again_while_nothing_differs()
    {
        var applier = new ObjectApplier(_api);
        var first = await applier.ApplyIfChangedAsync(Map(("a", "1"), ("b", "2")), null, CancellationToken.None);
        var second = await applier.ApplyIfChangedAsync(Map(("b", "2"), ("a", "1")), first.Object, CancellationToken.None);

        Assert.True(first.Written);
        Assert.Matches("^[0-9a-f]{16}$", first.Object.Metadata.Annotations![ObjectApplier.StampAnnotation]);
        Assert.Equal("kept", first.Object.Metadata.Annotations["mine"]);
        Assert.False(second.Written);
        Assert.Same(first.Object, second.Object);
        Assert.Equal(["apply ConfigMap a"], _api.Calls);
    }

    [Fact]
    public async Task Notices_a_field_that_is_no_longer_desired()
    {
        var applier = new ObjectApplier(_api);
        var first = await applier.ApplyIfChangedAsync(Map(("a", "1"), ("b", "2")), null, CancellationToken.None);

        var second = await applier.ApplyIfChangedAsync(Map(("a", "1")), first.Object, CancellationToken.None);

        Assert.True(second.Written);
        Assert.Equal(["a"], second.Object.Data!.Keys);
    }

    [Fact]
    public async Task Puts_back_what_somebody_else_changed_and_leaves_what_somebody_else_added()
    {
        var applier = new ObjectApplier(_api);
        var live = (await applier.ApplyIfChangedAsync(Map(("a", "1")), null, CancellationToken.None)).Object;

        Assert.True((await applier.ApplyIfChangedAsync(Map(("a", "1")), live with { Data = Data(("a", "9")) }, CancellationToken.None)).Written);
        Assert.False((await applier.ApplyIfChangedAsync(Map(("a", "1")), live with { Data = Data(("a", "1"), ("z", "theirs")) }, CancellationToken.None)).Written);
    }

    static V1ConfigMap Map(params (string Key, string Value)[] data) => new()
    {
        Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "shop", Annotations = new SortedDictionary<string, string> { ["mine"] = "kept" } },
        Data = Data(data),
    };

    static Dictionary<string, string> Data(params (string Key, string Value)[] data) => data.ToDictionary(entry => entry.Key, entry => entry.Value);
}
