using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Slotwise.Operator.Tests;

/// <summary>As much of an API server as these tests need: fixed answers by path, empty lists, watches in which nothing happens.</summary>
sealed class ApiServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-test-").FullName;

    ApiServer(WebApplication app) => _app = app;

    /// <summary>Whether the RedisCluster kind is installed.</summary>
    public bool KnowsRedisCluster { get; set; } = true;

    /// <summary>What is refused, by path; null for what is not.</summary>
    public Func<string, (int Code, string Reason, string Message)?> Refuse { get; set; } = _ => null;

    /// <summary>The lease of the leader, once there is one.</summary>
    public JsonObject? Lease { get; set; }

    /// <summary>Objects by the path under which they are read.</summary>
    public ConcurrentDictionary<string, string> Objects { get; } = [];

    /// <summary>How many lists of RedisClusters were asked for.</summary>
    public int ClusterLists { get; private set; }

    /// <summary>Called with the path of every request.</summary>
    public Action<string> OnRequest { get; set; } = _ => { };

    /// <summary>Such as <c>http://127.0.0.1:40001</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>A kubeconfig that leads here.</summary>
    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    public static async Task<ApiServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = new ApiServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        await File.WriteAllTextAsync(server.Kubeconfig, KubeconfigFor(server.Address));
        return server;
    }

    public static string KubeconfigFor(string address) =>
        $"""
        apiVersion: v1
        kind: Config
        current-context: test
        clusters:
        - name: test
          cluster:
            server: {address}
        users:
        - name: test
          user:
            token: test
        contexts:
        - name: test
          context:
            cluster: test
            user: test
        """;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        OnRequest(path);
        var isCluster = path.Contains("/redisclusters", StringComparison.Ordinal);
        if (Refuse(path) is { } refusal)
        {
            await RefuseAsync(context, refusal.Code, refusal.Reason, refusal.Message, null);
        }
        else if (path == "/version")
        {
            await context.Response.WriteAsync("""{"major":"1","minor":"34","gitVersion":"v1.34.0"}""");
        }
        else if (isCluster && !KnowsRedisCluster)
        {
            ClusterLists++;
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("404 page not found\n");
        }
        else if (path.Contains("/leases", StringComparison.Ordinal) && await TryAnswerLeaseAsync(context))
        {
            return;
        }
        else if (Objects.TryGetValue(path, out var obj))
        {
            await context.Response.WriteAsync(obj);
        }
        else if (context.Request.Query["watch"].Count > 0)
        {
            await context.Response.StartAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        else if (IsCollection(path))
        {
            ClusterLists += isCluster ? 1 : 0;
            await context.Response.WriteAsync("""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}""");
        }
        else
        {
            var name = path[(path.LastIndexOf('/') + 1)..];
            await RefuseAsync(context, 404, "NotFound", $"\"{name}\" not found", name);
        }
    }

    async Task<bool> TryAnswerLeaseAsync(HttpContext context)
    {
        if (context.Request.Method is "GET")
        {
            if (Lease is null)
            {
                return false;
            }

            await context.Response.WriteAsync(Lease.ToJsonString());
            return true;
        }

        var written = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        var version = (string?)Lease?["metadata"]!["resourceVersion"];
        if ((string?)written["metadata"]!["resourceVersion"] != version)
        {
            await RefuseAsync(context, 409, "Conflict", "the object has been modified", null);
            return true;
        }

        written["metadata"]!["resourceVersion"] = $"{int.Parse(version ?? "0", CultureInfo.InvariantCulture) + 1}";
        Lease = written;
        await context.Response.WriteAsync(written.ToJsonString());
        return true;
    }

    // .../PLURAL and .../namespaces/NS/PLURAL, but not .../PLURAL/NAME
    static bool IsCollection(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(path.StartsWith("/apis/", StringComparison.Ordinal) ? 3 : 2).ToList();
        return parts.Count == 1 || (parts.Count == 3 && parts[0] == "namespaces");
    }

    static async Task RefuseAsync(HttpContext context, int code, string reason, string message, string? name)
    {
        context.Response.StatusCode = code;
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["status"] = "Failure",
            ["reason"] = reason,
            ["message"] = message,
            ["code"] = code,
            ["details"] = name is null ? null : new JsonObject { ["name"] = name },
        };
        await context.Response.WriteAsync(status.ToJsonString());
    }
}
