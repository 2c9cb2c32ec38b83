using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Cache;

public sealed class InformerTests
{
    static readonly KubernetesApiException Expired = new(HttpStatusCode.Gone, new V1Status { Reason = "Expired", Message = "too old" });

    [Fact]
    public void Lists_all_pages_then_watches_from_where_the_list_was() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", "more", Map("a", "1"));
        api.OnList(async _ =>
        {
            await Task.Delay(TimeSpan.FromSeconds(20), time); // a slow page: nothing may be known before it is in
            return new KubernetesList<V1ConfigMap>([Map("b", "2")], "10", null);
        });
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromSeconds(10), time);
        Assert.False(run.Informer.HasSynced);
        Assert.Empty(run.Informer.List());

        await run.Informer.WaitForSyncAsync(CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        Assert.Equal(["a", "b"], run.Names);
        Assert.Equal(["+a", "+b"], run.Changes);
        Assert.Equal(["0/500/", "/500/more"], api.Lists.Select(list => $"{list.ResourceVersion}/{list.Limit}/{list.Continue}"));
        Assert.Equal("10", api.Watches.Single().ResourceVersion);
        Assert.InRange(api.Watches.Single().Timeout.TotalSeconds, 300, 600);
    });

    [Fact]
    public void Follows_changes_and_resumes_from_the_last_event_or_bookmark() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null, Map("a", "1"));
        api.OnWatch((_, _) => EventsAsync(time, Added("b", "11"), Modified("a", "12"), Deleted("b", "13"), Bookmark("20")));
        api.OnWatch((_, _) => EventsAsync(time, Modified("a", "21")));
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromMinutes(1), time);

        Assert.Equal(["+a", "+b", "~a:1>12", "-b", "~a:12>21"], run.Changes);
        Assert.Equal(["10", "20", "21"], api.Watches.Select(watch => watch.ResourceVersion));
        Assert.Single(api.Lists);
        Assert.Equal("21", run.Informer.Get(new NamespacedName("shop", "a"))!.Metadata.ResourceVersion);
        Assert.Null(run.Informer.Get(new NamespacedName("shop", "b")));
    });

    [Fact]
    public void A_dropped_connection_resumes_from_the_same_place_after_a_pause() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null);
        api.OnWatch((_, _) => FailAsync(time, new KubernetesUnreachableException("reset"), Added("a", "11")));
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromMilliseconds(1790), time);
        Assert.Equal("reset", run.Informer.Trouble);
        await Task.Delay(TimeSpan.FromSeconds(1), time);

        Assert.Equal(["10", "11"], api.Watches.Select(watch => watch.ResourceVersion));
        Assert.Single(api.Lists);
    });

    [Fact]
    public void A_delete_in_the_gap_is_found_by_the_next_list_with_the_last_known_object() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null, Map("a", "1"), Map("b", "2"), Map("c", "3"));
        api.OnWatch((_, _) => FailAsync(time, Expired, Bookmark("15")));
        api.OnList("30", null, Map("a", "1"), Map("c", "29"), Map("d", "28"));
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromMinutes(1), time);

        Assert.Equal(["+a", "+b", "+c", "-b", "~c:3>29", "+d"], run.Changes);
        Assert.Equal("2", run.LastDeleted!.Metadata.ResourceVersion);
        Assert.Equal(["0", "15"], api.Lists.Select(list => list.ResourceVersion));
        Assert.Null(api.Lists[1].Limit);
        Assert.Equal(["10", "30"], api.Watches.Select(watch => watch.ResourceVersion));
    });

    [Fact]
    public void When_even_the_last_version_is_too_old_to_list_the_newest_is_read() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null, Map("a", "1"));
        api.OnWatch((_, _) => FailAsync(time, Expired));
        api.OnListFail(Expired);
        api.OnList("40", null);
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromMinutes(1), time);

        Assert.Equal(["0", "10", null], api.Lists.Select(list => list.ResourceVersion));
        Assert.Equal(["+a", "-a"], run.Changes);
    });

    [Fact]
    public void Pages_that_expire_half_way_are_read_again_all_at_once() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", "more", Map("a", "1"));
        api.OnListFail(Expired);
        api.OnList("12", null, Map("b", "2"));
        await using var run = Start(api, time);

        await run.Informer.WaitForSyncAsync(CancellationToken.None);

        Assert.Equal(["+b"], run.Changes);
        Assert.Null(api.Lists[2].Limit);
        Assert.Null(api.Lists[2].Continue);
    });

    [Fact]
    public void An_error_event_leads_to_a_list_after_a_pause() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null);
        api.OnWatch((_, _) => FailAsync(time, new KubernetesApiException(HttpStatusCode.InternalServerError, new V1Status { Message = "etcd" })));
        api.OnList("20", null, Map("a", "15"));
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromMilliseconds(1790), time);
        Assert.Single(api.Lists);
        await Task.Delay(TimeSpan.FromSeconds(10), time);

        Assert.Equal(["+a"], run.Changes);
    });

    [Fact]
    public void Too_many_requests_waits_and_resumes_without_a_list() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null);
        api.OnWatch((_, _) => FailAsync(time, new KubernetesApiException(HttpStatusCode.TooManyRequests, new V1Status { Message = "busy" })));
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromSeconds(10), time);

        Assert.Equal(["10", "10"], api.Watches.Select(watch => watch.ResourceVersion));
        Assert.Single(api.Lists);
    });

    [Fact]
    public void A_server_that_is_away_is_asked_less_and_less_often() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        var asked = new List<TimeSpan>();
        for (var i = 0; i < 12; i++)
        {
            api.OnList(_ =>
            {
                asked.Add(time.Elapsed);
                return Task.FromException<KubernetesList<V1ConfigMap>>(new KubernetesUnreachableException("refused"));
            });
        }

        api.OnList("10", null);
        await using var run = Start(api, time);
        await run.Informer.WaitForSyncAsync(CancellationToken.None);

        var waits = asked.Zip(asked.Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        Assert.InRange(waits[0], 0.8, 1.6);
        Assert.InRange(waits[1], 1.6, 3.2);
        Assert.InRange(waits[4], 12.8, 25.6);
        Assert.All(waits[6..], wait => Assert.InRange(wait, 30, 60));
        Assert.True(waits.Distinct().Count() > 8, "no jitter");
        Assert.Null(run.Informer.Trouble);
    });

    [Fact]
    public void After_two_healthy_minutes_the_first_pause_is_short_again() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        for (var i = 0; i < 5; i++)
        {
            api.OnListFail(new KubernetesUnreachableException("refused"));
        }

        api.OnList("10", null);
        var failed = TimeSpan.Zero;
        var back = TimeSpan.Zero;
        api.OnWatch((_, _) =>
        {
            failed = time.Elapsed + TimeSpan.FromSeconds(121);
            return FailAsync(time, TimeSpan.FromSeconds(121), new KubernetesUnreachableException("reset"));
        });
        api.OnWatch((_, _) =>
        {
            back = time.Elapsed;
            return EventsAsync(time, Added("a", "11"));
        });
        await using var run = Start(api, time);

        await Task.Delay(TimeSpan.FromMinutes(10), time);

        Assert.InRange((back - failed).TotalSeconds, 0.8, 1.6);
    });

    [Fact]
    public void A_watch_that_ends_at_once_counts_as_an_error() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null);
        for (var i = 0; i < 4; i++)
        {
            api.OnWatch((_, _) => AsyncEnumerable.Empty<WatchEvent<V1ConfigMap>>());
        }

        await using var run = Start(api, time);
        await Task.Delay(TimeSpan.FromMilliseconds(700), time);
        Assert.Single(api.Watches);

        await Task.Delay(TimeSpan.FromMinutes(2), time);
        Assert.Equal(5, api.Watches.Count);
    });

    [Fact]
    public void Objects_are_trimmed_before_they_are_kept_and_found_by_their_owner() => VirtualLoop.Run(async time =>
    {
        var api = new ScriptedApi();
        api.OnList("10", null, Map("a-1", "1"), Map("a-0", "2"), Map("b-0", "3"));
        api.OnWatch((_, _) => EventsAsync(time, Deleted("a-1", "11"), Modified("b-0", "12", owner: "a")));
        var options = new InformerOptions<V1ConfigMap>
        {
            Namespace = "shop",
            Transform = map => map with { Data = new SortedDictionary<string, string> { ["owner"] = map.Data!["owner"] } },
            OwnerOf = map => new NamespacedName("shop", map.Data!["owner"]),
        };
        await using var run = Start(api, time, options);

        await run.Informer.WaitForSyncAsync(CancellationToken.None);
        var a = new NamespacedName("shop", "a");
        Assert.Equal(["a-0", "a-1"], run.Informer.OwnedBy(a).Select(map => map.Metadata.Name));
        Assert.Equal(["owner"], run.Informer.OwnedBy(a)[0].Data!.Keys);

        await Task.Delay(TimeSpan.FromSeconds(10), time);
        Assert.Equal(["a-0", "b-0"], run.Informer.OwnedBy(a).Select(map => map.Metadata.Name));
        Assert.Empty(run.Informer.OwnedBy(new NamespacedName("shop", "b")));
        Assert.Equal("configmaps in shop", run.Informer.Name);
    });

    internal static V1ConfigMap Map(string name, string version, string? owner = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "shop", Uid = $"uid-{name}", ResourceVersion = version },
        Data = new SortedDictionary<string, string> { ["owner"] = owner ?? name.Split('-')[0], ["bulk"] = "x" },
    };

    static WatchEvent<V1ConfigMap> Added(string name, string version) => new(WatchEventType.Added, Map(name, version), version);

    static WatchEvent<V1ConfigMap> Modified(string name, string version, string? owner = null) => new(WatchEventType.Modified, Map(name, version, owner), version);

    static WatchEvent<V1ConfigMap> Deleted(string name, string version) => new(WatchEventType.Deleted, Map(name, version), version);

    static WatchEvent<V1ConfigMap> Bookmark(string version) => new(WatchEventType.Bookmark, null, version);

    static async IAsyncEnumerable<WatchEvent<V1ConfigMap>> EventsAsync(TimeProvider time, params WatchEvent<V1ConfigMap>[] events)
    {
        foreach (var change in events)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time);
            yield return change;
        }
    }

    static IAsyncEnumerable<WatchEvent<V1ConfigMap>> FailAsync(TimeProvider time, Exception exception, params WatchEvent<V1ConfigMap>[] before) =>
        FailAsync(time, TimeSpan.FromSeconds(1), exception, before);

    static async IAsyncEnumerable<WatchEvent<V1ConfigMap>> FailAsync(TimeProvider time, TimeSpan after, Exception exception, params WatchEvent<V1ConfigMap>[] before)
    {
        foreach (var change in before)
        {
            yield return change;
        }

        await Task.Delay(after, time);
        throw exception;
    }

    static RunningInformer Start(ScriptedApi api, FakeTimeProvider time, InformerOptions<V1ConfigMap>? options = null) =>
        new(new Informer<V1ConfigMap>(api, options ?? new InformerOptions<V1ConfigMap>(), time, new Random(1), NullLogger.Instance));
}
