using System.Text;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Client;

public sealed class WatchTests
{
    static readonly WatchOptions From10 = new() { ResourceVersion = "10", Timeout = TimeSpan.FromMinutes(5), LabelSelector = "app=x" };

    [Fact]
    public async Task Reports_events_and_bookmarks_until_the_server_closes()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.SendAsync(
            Answers.Event("ADDED", Answers.ConfigMap("a", "11")) + Answers.Event("MODIFIED", Answers.ConfigMap("a", "12"))
            + Answers.Bookmark("15") + Answers.Event("DELETED", Answers.ConfigMap("a", "16")));
        using var client = server.CreateClient();

        var events = await ReadAllAsync(client);

        Assert.Equal(["Added a 11", "Modified a 12", "Bookmark  15", "Deleted a 16"], events);
        Assert.Equal(["GET /api/v1/namespaces/shop/configmaps?watch=1&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds=300&labelSelector=app%3Dx"], server.Requests);
        Assert.Equal((0, 1), (client.Requests.Reads, client.Requests.Watches));
    }

    /// <summary>The network cuts where it likes: in a line, in a UTF-8 character, and several lines may come at once.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(100_000)]
    public async Task Lines_may_be_cut_anywhere(int pieceSize)
    {
        await using var server = await ApiServer.StartAsync();
        var text = Answers.Event("ADDED", Answers.ConfigMap("a", "11", "grün")) + Answers.Event("ADDED", Answers.ConfigMap("b", "12", new string('x', pieceSize == 1 ? 10 : 70_000)));
        server.Answer = async context =>
        {
            foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(pieceSize))
            {
                await context.Response.Body.WriteAsync(piece);
                await context.Response.Body.FlushAsync();
            }
        };
        using var client = server.CreateClient();

        Assert.Equal(["Added a 11", "Added b 12"], await ReadAllAsync(client));
    }

    [Fact]
    public async Task The_type_may_stand_behind_the_object_and_the_last_line_needs_no_end()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.SendAsync("""{"object":{"metadata":{"name":"a","resourceVersion":"11"}},"type":"ADDED"}""");
        using var client = server.CreateClient();

        Assert.Equal(["Added a 11"], await ReadAllAsync(client));
    }

    [Fact]
    public async Task Unknown_types_are_skipped()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.SendAsync(Answers.Event("SPARKLED", "{}") + "\n" + Answers.Event("ADDED", Answers.ConfigMap("a", "11")));
        using var client = server.CreateClient();

        Assert.Equal(["Added a 11"], await ReadAllAsync(client));
    }

    [Fact]
    public async Task An_error_event_is_a_refusal()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.SendAsync(
            Answers.Event("ADDED", Answers.ConfigMap("a", "11"))
            + Answers.Event("ERROR", """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version: 10 (20)","reason":"Expired","code":410}"""));
        using var client = server.CreateClient();
        var seen = new List<string>();

        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => ReadAllAsync(client, seen));

        Assert.True(refusal.IsExpired);
        Assert.Equal("too old resource version: 10 (20)", refusal.Message);
        Assert.Equal(["Added a 11"], seen);
    }

    [Fact]
    public async Task A_refused_watch_is_a_refusal()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.StatusAsync(410, "Expired", "too old");
        using var client = server.CreateClient();

        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => ReadAllAsync(client))).IsExpired);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_dropped_connection_is_told_from_a_closed_watch()
    {
        await using var server = await ApiServer.StartAsync();
        var seen = new TaskCompletionSource();
        server.Answer = async context =>
        {
            await context.SendAsync(Answers.Event("ADDED", Answers.ConfigMap("a", "11")) + """{"type":"ADDED","obj""");
            await seen.Task;
            context.Abort();
        };
        using var client = server.CreateClient();

        await Assert.ThrowsAsync<KubernetesUnreachableException>(async () =>
        {
            await foreach (var change in client.WatchAsync<V1ConfigMap>("shop", From10, CancellationToken.None))
            {
                Assert.Equal("11", change.ResourceVersion);
                seen.SetResult();
            }
        });

        Assert.True(seen.Task.IsCompleted);
    }

    [Fact]
    public async Task A_watch_that_the_server_forgets_to_close_is_given_up()
    {
        var time = new FakeTimeProvider();
        await using var server = await ApiServer.StartAsync();
        server.Answer = async context =>
        {
            await context.SendAsync(Answers.Bookmark("11"));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using var client = new KubernetesClient(server.Configuration, time);
        await using var watch = client.WatchAsync<V1ConfigMap>("shop", From10, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        var next = watch.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<KubernetesUnreachableException>(() => next);
    }

    [Fact]
    public async Task Cancelling_ends_a_silent_watch_on_both_sides()
    {
        await using var server = await ApiServer.StartAsync();
        var gone = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource();
        server.Answer = async context =>
        {
            context.RequestAborted.Register(() => gone.TrySetResult());
            await context.Response.Body.FlushAsync();
            cancel.Cancel();
            await gone.Task;
        };
        using var client = server.CreateClient();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAllAsync(client, null, cancel.Token));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    static async Task<List<string>> ReadAllAsync(KubernetesClient client, List<string>? seen = null, CancellationToken cancellationToken = default)
    {
        seen ??= [];
        await foreach (var change in client.WatchAsync<V1ConfigMap>("shop", From10, cancellationToken))
        {
            seen.Add($"{change.Type} {change.Object?.Metadata.Name} {change.ResourceVersion}");
        }

        return seen;
    }
}
