using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Events;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Events;

public sealed class EventRecorderTests
{
    static readonly V1ConfigMap Map = new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "shop", Uid = "u", ResourceVersion = "7" } };

    [Fact]
    public void Writes_what_happened() => Run(async (api, recorder, time) =>
    {
        recorder.Record(Map, EventType.Warning, "SlotsLost", "Observe", "slots 0-5 have no owner");
        await Task.Delay(TimeSpan.FromSeconds(1), time);

        var written = Assert.Single(api.Events);
        Assert.Equal(("Warning", "SlotsLost", "Observe", "slots 0-5 have no owner"), (written.Type, written.Reason, written.Action, written.Note));
        Assert.Equal(("slotwise", "slotwise-1"), (written.ReportingController, written.ReportingInstance));
        Assert.Equal(("ConfigMap", "v1", "a", "shop", "u"), (written.Regarding!.Kind, written.Regarding.ApiVersion, written.Regarding.Name, written.Regarding.NamespaceProperty, written.Regarding.Uid));
        Assert.Matches(@"^a\.[0-9a-f]+$", written.Metadata.Name);
        Assert.Equal("shop", written.Metadata.NamespaceProperty);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), written.EventTime);
    });

    [Fact]
    public void The_same_again_within_ten_minutes_is_only_counted_and_later_becomes_a_series() => Run(async (api, recorder, time) =>
    {
        for (var i = 0; i < 60; i++)
        {
            recorder.Record(Map, EventType.Normal, "Met", "Meet", "same");
            await Task.Delay(TimeSpan.FromSeconds(20), time);
        }

        Assert.Equal(["create Event", "patch Event"], api.Calls.Select(call => call[..call.LastIndexOf(' ')]));
        var written = Assert.Single(api.Events);
        Assert.Equal(31, written.Series!.Count);
        Assert.Equal(TimeSpan.FromMinutes(10), written.Series.LastObservedTime - written.EventTime);

        recorder.Record(Map, EventType.Normal, "Met", "Meet", "another");
        recorder.Record(Map with { Metadata = Map.Metadata with { Uid = "other" } }, EventType.Normal, "Met", "Meet", "same");
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        Assert.Equal(3, api.Events.Count);
    });

    [Fact]
    public void An_event_that_the_server_has_dropped_meanwhile_is_written_anew() => Run(async (api, recorder, time) =>
    {
        recorder.Record(Map, EventType.Normal, "Met", "Meet", "x");
        await Task.Delay(TimeSpan.FromHours(2), time);
        api.Clear();
        for (var i = 0; i < 2; i++)
        {
            recorder.Record(Map, EventType.Normal, "Met", "Meet", "x");
            await Task.Delay(TimeSpan.FromMinutes(11), time);
        }

        Assert.Equal(3, Assert.Single(api.Events).Series!.Count);
    });

    [Fact]
    public void Never_throws_and_never_waits_when_the_server_does_not_want_events() => Run(async (api, recorder, time) =>
    {
        api.Failure = _ => new KubernetesApiException(HttpStatusCode.Forbidden, new V1Status { Message = "no" });
        recorder.Record(Map, EventType.Normal, "A", "B", "first");
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        api.Failure = _ => new KubernetesUnreachableException("away");
        recorder.Record(Map, EventType.Normal, "A", "B", "second");
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        api.Failure = _ => null;
        api.Latency = TimeSpan.FromSeconds(30);
        for (var i = 0; i < 5000; i++)
        {
            recorder.Record(Map, EventType.Normal, "A", "B", $"note {i}");
        }

        Assert.Equal(TimeSpan.FromSeconds(2), time.Elapsed);
        await Task.Delay(TimeSpan.FromHours(24), time);
        Assert.InRange(api.Events.Count, 500, 502);
    });

    [Fact]
    public void Notes_are_cut_at_a_kilobyte_and_not_inside_a_character() => Run(async (api, recorder, time) =>
    {
        recorder.Record(Map, EventType.Normal, "A", "B", new string('x', 1024));
        recorder.Record(Map, EventType.Normal, "A", "C", string.Concat(Enumerable.Repeat("😀", 500)));
        await Task.Delay(TimeSpan.FromSeconds(1), time);

        var notes = api.Events.Select(written => written.Note!).ToList();
        Assert.Equal(1024, notes[0].Length);
        Assert.InRange(Encoding.UTF8.GetByteCount(notes[1]), 1020, 1024);
        Assert.EndsWith("😀…", notes[1]);
    });

    [Fact]
    public void Writes_what_is_left_when_it_is_stopped_but_not_for_ever() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time) { Latency = TimeSpan.FromSeconds(1.5) };
        var recorder = new EventRecorder(api, "slotwise", "slotwise-1", time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var run = recorder.RunAsync(stop.Token);
        recorder.Record(Map, EventType.Normal, "A", "B", "first");
        recorder.Record(Map, EventType.Normal, "A", "B", "second");
        stop.Cancel();

        await run;

        Assert.Equal(TimeSpan.FromSeconds(2), time.Elapsed);
        Assert.Equal(["first"], api.Events.Select(written => written.Note));
    });

    static void Run(Func<MemoryApi, EventRecorder, FakeTimeProvider, Task> test) => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        var recorder = new EventRecorder(api, "slotwise", "slotwise-1", time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var run = recorder.RunAsync(stop.Token);
        await test(api, recorder, time);
        stop.Cancel();
        await run;
    });
}
