using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;

namespace Slotwise.Kubernetes.Tests.Client;

/// <summary>The informer, the client and a server together: TLS, HTTP/2, and everything a bad day has.</summary>
public sealed class InformerOverHttpTests
{
    [Fact]
    public async Task Survives_a_slow_page_a_closed_watch_a_dropped_connection_an_expiry_and_a_delete_in_the_gap()
    {
        await using var server = await ApiServer.StartAsync(TestCertificates.Loopback);
        var lists = 0;
        var watches = 0;
        var slow = new TaskCompletionSource();
        var added = new TaskCompletionSource();
        server.Answer = async context =>
        {
            var query = context.Request.Query;
            if (!query.ContainsKey("watch"))
            {
                switch (Interlocked.Increment(ref lists))
                {
                    case 1:
                        await context.JsonAsync(Answers.List("10", "p2", Answers.ConfigMap("a", "1"), Answers.ConfigMap("b", "2")));
                        return;
                    case 2:
                        await slow.Task;
                        await context.JsonAsync(Answers.List("10", null, Answers.ConfigMap("c", "3")));
                        return;
                    default:
                        await context.JsonAsync(Answers.List("50", null, Answers.ConfigMap("a", "1"), Answers.ConfigMap("d", "41")));
                        return;
                }
            }

            switch (Interlocked.Increment(ref watches))
            {
                case 1:
                    await context.SendAsync(Answers.Event("MODIFIED", Answers.ConfigMap("c", "11")) + Answers.Bookmark("12"));
                    return;
                case 2:
                    await context.SendAsync(Answers.Event("ADDED", Answers.ConfigMap("d", "13")) + """{"type":"DEL""");
                    await added.Task;
                    context.Abort();
                    return;
                case 3:
                    await context.SendAsync(Answers.Event("ERROR", """{"kind":"Status","apiVersion":"v1","message":"too old","reason":"Expired","code":410}"""));
                    return;
                default:
                    await context.SendAsync(Answers.Event("DELETED", Answers.ConfigMap("d", "51")));
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                    return;
            }
        };
        using var client = server.CreateClient();
        var informer = new Informer<V1ConfigMap>(client, new InformerOptions<V1ConfigMap> { Namespace = "shop" }, TimeProvider.System, new Random(1), NullLogger.Instance);
        await using var run = new RunningInformer(informer);

        Assert.False(informer.HasSynced);
        _ = run.WhenToldAsync("+d").ContinueWith(_ => added.TrySetResult(), TaskScheduler.Default);
        var end = run.WhenToldAsync("-d");
        slow.SetResult();
        await informer.WaitForSyncAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        await end;

        Assert.Equal(["+a", "+b", "+c", "~c:3>11", "+d", "-b", "-c", "~d:13>41", "-d"], run.Changes);
        Assert.Equal(["a"], run.Names);
        Assert.Equal(["10", "12", "13", "50"], server.Requests.Where(request => request.Contains("watch=1")).Select(request => request.Split("resourceVersion=")[1].Split('&')[0]));
    }
}
