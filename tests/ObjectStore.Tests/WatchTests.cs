namespace Slotwise.ObjectStore.Tests;

public sealed class WatchTests
{
    readonly World _world = new();

    [Fact]
    public async Task A_watch_gets_what_happened_since_its_version()
    {
        var before = Version();
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        _world.Patch("configmaps", "a", PatchType.Merge, """{"data":{"k":"v"}}""");
        _world.Delete("configmaps", "a");

        var seen = await TakeAsync(3, new WatchQuery { ResourceVersion = before });

        Assert.Equal([WatchEventType.Added, WatchEventType.Modified, WatchEventType.Deleted], seen.Select(change => change.Type));
        Assert.Equal(_world.Store.ResourceVersion.ToString(), Meta.ResourceVersion(seen[2].Object!.Json));
    }

    [Fact]
    public async Task A_watch_from_nowhere_begins_with_what_exists()
    {
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        var seen = await TakeAsync(1, new WatchQuery());
        Assert.Equal((WatchEventType.Added, "a"), (seen[0].Type, Meta.Name(seen[0].Object!.Json)));
    }

    [Fact]
    public async Task An_object_that_leaves_the_selector_is_deleted_for_its_watcher()
    {
        var before = Version();
        _world.Create("configmaps", """{"metadata":{"name":"a","labels":{"x":"1"}}}""");
        _world.Patch("configmaps", "a", PatchType.Merge, """{"metadata":{"labels":{"x":"2"}}}""");
        _world.Patch("configmaps", "a", PatchType.Merge, """{"data":{"k":"v"}}""");
        _world.Patch("configmaps", "a", PatchType.Merge, """{"metadata":{"labels":{"x":"1"}}}""");

        var seen = await TakeAsync(3, new WatchQuery { ResourceVersion = before, LabelSelector = "x=1" });

        Assert.Equal([WatchEventType.Added, WatchEventType.Deleted, WatchEventType.Added], seen.Select(change => change.Type));
    }

    [Fact]
    public async Task A_version_that_is_forgotten_is_expired()
    {
        var before = Version();
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        _world.Store.Compact();

        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => TakeAsync(1, new WatchQuery { ResourceVersion = before }));

        Assert.True(refused.IsExpired);
        Assert.StartsWith("too old resource version: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watcher_that_falls_behind_is_told_so()
    {
        var world = new World(rememberedChanges: 10);
        var before = world.Store.ResourceVersion.ToString();
        for (var i = 0; i < 11; i++)
        {
            world.Create("configmaps", $$$"""{"metadata":{"name":"a{{{i}}}"}}""");
        }

        await Assert.ThrowsAsync<KubernetesApiException>(async () =>
        {
            await foreach (var change in world.Store.Watch(world.Kind("configmaps"), null, new WatchQuery { ResourceVersion = before }, CancellationToken.None))
            {
            }
        });
    }

    [Fact]
    public async Task A_watch_that_stands_in_for_a_list_tells_what_exists_and_where_that_ends()
    {
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        var query = new WatchQuery { InitialEvents = true, Bookmarks = true, Match = VersionMatch.NotOlderThan };

        var seen = await TakeAsync(2, query);

        Assert.Equal([WatchEventType.Added, WatchEventType.Bookmark], seen.Select(change => change.Type));
        Assert.True(seen[1].EndsInitial);
        Assert.Equal(_world.Store.ResourceVersion, seen[1].ResourceVersion);
    }

    [Fact]
    public async Task What_exists_cannot_be_told_as_of_a_future_version()
    {
        var query = new WatchQuery { InitialEvents = true, Match = VersionMatch.NotOlderThan, ResourceVersion = "999999" };
        Assert.Contains("Too large resource version", (await Assert.ThrowsAsync<KubernetesApiException>(() => TakeAsync(1, query))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_from_the_future_waits_for_it()
    {
        var query = new WatchQuery { ResourceVersion = (_world.Store.ResourceVersion + 1).ToString() };
        var watching = TakeAsync(1, query);
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        _world.Create("configmaps", """{"metadata":{"name":"b"}}""");
        Assert.Equal("b", Meta.Name((await watching)[0].Object!.Json));
    }

    [Fact]
    public void Options_that_exclude_each_other_are_refused_before_the_watch_begins() =>
        Assert.Throws<KubernetesApiException>(() => _world.Store.Watch(_world.Kind("configmaps"), null, new WatchQuery { InitialEvents = true }, CancellationToken.None));

    [Fact]
    public async Task Bookmarks_come_every_minute_and_at_the_end()
    {
        var query = new WatchQuery { ResourceVersion = Version(), Bookmarks = true, Timeout = TimeSpan.FromSeconds(90) };
        await using var watch = _world.Store.Watch(_world.Kind("configmaps"), null, query, CancellationToken.None).GetAsyncEnumerator();

        var first = watch.MoveNextAsync();
        _world.Create("services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":1}]}}""");
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await first);
        Assert.Equal((WatchEventType.Bookmark, _world.Store.ResourceVersion), (watch.Current.Type, watch.Current.ResourceVersion));

        var second = watch.MoveNextAsync();
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await second);
        Assert.Equal(WatchEventType.Bookmark, watch.Current.Type);
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task Many_writers_lose_and_reorder_nothing()
    {
        const int Writers = 4, Each = 200;
        var query = new WatchQuery { ResourceVersion = Version() };
        var watching = Enumerable.Range(0, 3).Select(_ => Task.Run(() => TakeAsync(Writers * Each * 2, query))).ToList();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                _world.Create("configmaps", $$$"""{"metadata":{"name":"w{{{writer}}}-{{{i}}}"}}""");
                _world.Delete("configmaps", $"w{writer}-{i}");
            }
        })));

        foreach (var seen in await Task.WhenAll(watching))
        {
            Assert.Equal(seen.Select(change => change.ResourceVersion).Order(), seen.Select(change => change.ResourceVersion));
            Assert.Equal(Writers * Each, seen.Count(change => change.Type is WatchEventType.Added));
            Assert.Equal(Writers * Each, seen.Count(change => change.Type is WatchEventType.Deleted));
        }
    }

    string Version() => _world.Store.ResourceVersion.ToString();

    async Task<List<Watching.StoreEvent>> TakeAsync(int count, WatchQuery query)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = new List<Watching.StoreEvent>();
        await foreach (var change in _world.Store.Watch(_world.Kind("configmaps"), null, query, limit.Token))
        {
            seen.Add(change);
            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }
}
