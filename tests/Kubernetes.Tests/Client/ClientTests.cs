using System.Net;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Client;

public sealed class ClientTests
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Gets_one_object()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.JsonAsync(Answers.ConfigMap("a", "7", "x"));
        using var client = server.CreateClient();

        var map = await client.GetAsync<V1ConfigMap>("shop", "a", None);

        Assert.Equal("7", map.Metadata.ResourceVersion);
        Assert.Equal("x", map.Data!["value"]);
        Assert.Equal(["GET /api/v1/namespaces/shop/configmaps/a"], server.Requests);
        Assert.Equal((1, 0, 0), (client.Requests.Reads, client.Requests.Writes, client.Requests.Watches));
    }

    [Fact]
    public async Task Keeps_the_path_of_the_servers_address()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.JsonAsync("""{"gitVersion":"v1.34.1"}""");
        using var client = new Kubernetes.Client.KubernetesClient(server.Configuration with { Server = new Uri(server.Address, "k8s/clusters/c-1/") }, TimeProvider.System);

        Assert.Equal("v1.34.1", (await client.GetVersionAsync(None)).GitVersion);
        Assert.Equal(["GET /k8s/clusters/c-1/version"], server.Requests);
    }

    [Fact]
    public async Task A_page_says_where_the_next_one_starts_and_its_items_get_their_kind()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.JsonAsync(
            context.Request.Query["continue"] == "next"
                ? """{"items":null,"metadata":{"resourceVersion":"9"}}"""
                : """{"metadata":{"resourceVersion":"9","continue":"next"},"items":[{"metadata":{"name":"a","namespace":"shop"}}]}""");
        using var client = server.CreateClient();
        var options = new ListOptions { LabelSelector = "app in (x,y)", ResourceVersion = "0", Limit = 1 };

        var first = await client.ListAsync<V1ConfigMap>("shop", options, None);
        var second = await client.ListAsync<V1ConfigMap>("shop", options with { Continue = first.Continue }, None);

        Assert.Equal(("ConfigMap", "v1", "a"), (first.Items[0].Kind, first.Items[0].ApiVersion, first.Items[0].Metadata.Name));
        Assert.Empty(second.Items);
        Assert.Null(second.Continue);
        Assert.Equal("9", second.ResourceVersion);
        Assert.Equal(
            [
                "GET /api/v1/namespaces/shop/configmaps?labelSelector=app%20in%20%28x%2Cy%29&limit=1&resourceVersion=0",
                "GET /api/v1/namespaces/shop/configmaps?labelSelector=app%20in%20%28x%2Cy%29&limit=1&continue=next",
            ],
            server.Requests);
    }

    [Fact]
    public async Task Writes_go_where_and_how_the_api_wants_them()
    {
        await using var server = await ApiServer.StartAsync();
        var bodies = new List<string>();
        server.Answer = async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            bodies.Add($"{context.Request.ContentType?.Split(';')[0]} {await reader.ReadToEndAsync()}");
            await context.JsonAsync("{}");
        };
        using var client = server.CreateClient();
        var map = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "shop" }, Data = new SortedDictionary<string, string> { ["Key"] = "v" } };

        await client.CreateAsync(map, None);
        await client.ApplyAsync(map, new ApplyOptions { FieldManager = "slotwise", Subresource = "status" }, None);
        await client.MergePatchAsync<V1ConfigMap>("shop", "a", new JsonObject { ["data"] = null }, null, None);
        await client.DeleteAsync<V1ConfigMap>("shop", "a", new DeleteOptions { PreconditionUid = "u", PropagationPolicy = "Background" }, None);
        await client.ReplaceLeaseAsync(new V1Lease { Metadata = new V1ObjectMeta { Name = "l", NamespaceProperty = "shop", ResourceVersion = "3" } }, None);

        Assert.Equal(
            [
                "POST /api/v1/namespaces/shop/configmaps",
                "PATCH /api/v1/namespaces/shop/configmaps/a/status?fieldManager=slotwise&force=true",
                "PATCH /api/v1/namespaces/shop/configmaps/a",
                "DELETE /api/v1/namespaces/shop/configmaps/a",
                "PUT /apis/coordination.k8s.io/v1/namespaces/shop/leases/l",
            ],
            server.Requests);
        const string Rendered = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"shop"},"data":{"Key":"v"}}""";
        Assert.Equal(
            [
                $"application/json {Rendered}",
                $"application/apply-patch+yaml {Rendered}",
                """application/merge-patch+json {"data":null}""",
                """application/json {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"},"propagationPolicy":"Background"}""",
                """application/json {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"shop","resourceVersion":"3"}}""",
            ],
            bodies);
        Assert.Equal(5, client.Requests.Writes);
    }

    [Fact]
    public async Task A_refusal_carries_the_servers_status()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.StatusAsync(422, "Invalid", "spec.shards: must be >= 1", """{"causes":[{"field":"spec.shards","message":"must be >= 1"}]}""");
        using var client = server.CreateClient();

        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<V1ConfigMap>("shop", "a", None));

        Assert.True(refusal.IsInvalid);
        Assert.Equal("spec.shards: must be >= 1", refusal.Message);
        Assert.Equal("spec.shards", refusal.Status.Details!.Causes![0].Field);
    }

    [Fact]
    public async Task A_patch_of_an_object_that_was_replaced_meanwhile_is_a_conflict()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.StatusAsync(422, "Invalid", "metadata.uid: Invalid value: field is immutable", """{"causes":[{"reason":"FieldValueInvalid","field":"metadata.uid"}]}""");
        using var client = server.CreateClient();

        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => client.MergePatchAsync<V1Pod>("shop", "a", new JsonObject { ["metadata"] = new JsonObject { ["uid"] = "u" } }, "status", None));

        Assert.True(refusal.IsConflict);
        Assert.False(refusal.IsInvalid);
    }

    [Fact]
    public async Task A_refusal_of_something_that_is_not_kubernetes_is_quoted()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.JsonAsync("<h1>no</h1>", 403);
        using var client = server.CreateClient();

        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<V1ConfigMap>("shop", "a", None));

        Assert.True(refusal.IsForbidden);
        Assert.Equal("GET /api/v1/namespaces/shop/configmaps/a: the server answered 403 Forbidden: <h1>no</h1>", refusal.Message);
    }

    [Fact]
    public async Task An_answer_that_is_no_object_is_an_error_that_names_the_request()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.JsonAsync("<html>sign in</html>");
        using var client = server.CreateClient();

        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<V1ConfigMap>("shop", "a", None));

        Assert.StartsWith("GET /api/v1/namespaces/shop/configmaps/a: the answer cannot be read: ", refusal.Message);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_may_pass_is_tried_again_except_for_creations(int code)
    {
        await using var server = await ApiServer.StartAsync();
        var answers = 0;
        server.Answer = context => ++answers % 2 == 1 ? context.StatusAsync(code, "Busy", "later") : context.JsonAsync(Answers.ConfigMap("a", "1"));
        using var client = server.CreateClient();
        var map = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "shop" } };

        await client.GetAsync<V1ConfigMap>("shop", "a", None);
        await client.ApplyAsync(map, new ApplyOptions { FieldManager = "m" }, None);
        await client.MergePatchAsync<V1ConfigMap>("shop", "a", [], null, None);
        await client.DeleteAsync<V1ConfigMap>("shop", "a", new DeleteOptions(), None);
        Assert.Equal(8, answers);

        await Assert.ThrowsAsync<KubernetesApiException>(() => client.CreateAsync(map, None));
        Assert.Equal(9, answers);
    }

    [Fact]
    public async Task What_cannot_pass_is_not_tried_again()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.StatusAsync(501, "NotImplemented", "no");
        using var client = server.CreateClient();

        await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<V1ConfigMap>("shop", "a", None));
        server.Answer = context => context.StatusAsync(503, "Busy", "later", """{"retryAfterSeconds":60}""");
        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<V1ConfigMap>("shop", "a", None));

        Assert.Equal(TimeSpan.FromSeconds(60), refusal.RetryAfter);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_conditional_patch_is_not_tried_again()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context => context.StatusAsync(503, "Busy", "later");
        using var client = server.CreateClient();
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = "4" } };

        await Assert.ThrowsAsync<KubernetesApiException>(() => client.MergePatchAsync<V1ConfigMap>("shop", "a", patch, null, None));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task The_servers_wait_is_honoured()
    {
        await using var server = await ApiServer.StartAsync();
        var times = new List<long>();
        server.Answer = context =>
        {
            times.Add(TimeProvider.System.GetTimestamp());
            if (times.Count == 2)
            {
                return context.JsonAsync(Answers.ConfigMap("a", "1"));
            }

            context.Response.Headers.RetryAfter = "1";
            return context.StatusAsync(429, "TooManyRequests", "later");
        };
        using var client = server.CreateClient();

        await client.GetAsync<V1ConfigMap>("shop", "a", None);

        Assert.InRange(TimeProvider.System.GetElapsedTime(times[0], times[1]), TimeSpan.FromSeconds(0.95), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_deletion_whose_answer_was_lost_succeeds()
    {
        await using var server = await ApiServer.StartAsync();
        server.Answer = context =>
        {
            if (server.Requests.Count == 1)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return context.StatusAsync(404, "NotFound", "gone");
        };
        using var client = server.CreateClient();

        await client.DeleteAsync<V1ConfigMap>("shop", "a", new DeleteOptions(), None);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_one_clear_line()
    {
        var server = await ApiServer.StartAsync();
        using var client = server.CreateClient();
        var address = server.Address;
        await server.DisposeAsync();

        var exception = await Assert.ThrowsAsync<KubernetesUnreachableException>(() => client.GetVersionAsync(None));

        Assert.Equal($"cannot reach the Kubernetes API server at {address} (from a test): Connection refused; check that the server is up and its address is right", exception.Message);
    }

    [Fact]
    public async Task At_most_twenty_requests_are_in_flight()
    {
        await using var server = await ApiServer.StartAsync();
        var (running, most) = (0, 0);
        var full = new TaskCompletionSource();
        server.Answer = async context =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now >= 20)
            {
                full.TrySetResult();
            }

            await full.Task;
            Interlocked.Decrement(ref running);
            await context.JsonAsync(Answers.ConfigMap("a", "1"));
        };
        using var client = server.CreateClient();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => client.GetAsync<V1ConfigMap>("shop", "a", None)));

        Assert.Equal(20, most);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_thirty_seconds()
    {
        var time = new FakeTimeProvider();
        await using var server = await ApiServer.StartAsync();
        var arrived = new TaskCompletionSource();
        server.Answer = async context =>
        {
            arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using var client = new Kubernetes.Client.KubernetesClient(server.Configuration, time);
        var get = client.GetAsync<V1ConfigMap>("shop", "a", None);
        await arrived.Task;

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(get.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        var exception = await Assert.ThrowsAsync<KubernetesUnreachableException>(() => get);
        Assert.Contains("no answer in time", exception.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Cancelling_is_not_an_unreachable_server()
    {
        await using var server = await ApiServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        server.Answer = async context =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using var client = server.CreateClient();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync<V1ConfigMap>("shop", "a", cancel.Token));
    }

    [Fact]
    public async Task Objects_of_a_namespaced_kind_need_a_namespace()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = server.CreateClient();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.GetAsync<V1ConfigMap>(null, "a", None));
        server.Answer = context => context.JsonAsync("{}", (int)HttpStatusCode.OK);
        Assert.Equal("Node", (await client.GetAsync<V1Node>(null, "host-1", None)).Kind);
    }

    static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
