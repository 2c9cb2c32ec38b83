using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slotwise.Operator.Tests.CommandLine;

public sealed class RunCommandTests
{
    static readonly HttpClient Http = new();

    [Fact]
    public async Task It_is_healthy_and_ready_and_ends_well_when_asked_to()
    {
        await using var api = await ApiServer.StartAsync();
        var port = CommandLineTests.FreePort();
        using var process = SlotwiseProcess.Start("run", "--kubeconfig", api.Kubeconfig, "--health-port", $"{port}");
        await Eventually.HoldsAsync(async () => await StatusAsync(port, "readyz") == HttpStatusCode.OK, "it is ready");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(port, "healthz"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(port, "metricsz"));

        var result = await process.TerminateAsync();

        Assert.Equal("", result.Errors);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Outside_a_terminal_every_line_of_the_log_is_json()
    {
        await using var api = await ApiServer.StartAsync();
        var port = CommandLineTests.FreePort();
        using var process = SlotwiseProcess.Start("run", "--kubeconfig", api.Kubeconfig, "--health-port", $"{port}");
        await Eventually.HoldsAsync(async () => await StatusAsync(port, "readyz") == HttpStatusCode.OK, "it is ready");

        var lines = (await process.TerminateAsync()).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.NotEmpty(lines);
        var messages = lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!).ToList();
        Assert.Contains(messages, message => message.EndsWith($"looks after all namespaces of {api.Address}/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Before_the_crd_is_installed_it_waits_for_it()
    {
        await using var api = await ApiServer.StartAsync();
        api.KnowsRedisCluster = false;
        var port = CommandLineTests.FreePort();
        using var process = SlotwiseProcess.Start("run", "--kubeconfig", api.Kubeconfig, "--health-port", $"{port}");
        await Eventually.HoldsAsync(() => api.ClusterLists >= 2, "it asks again for the kind");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(port, "healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(port, "readyz"));

        api.KnowsRedisCluster = true;

        await Eventually.HoldsAsync(async () => await StatusAsync(port, "readyz") == HttpStatusCode.OK, "it is ready");
        var result = await process.TerminateAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("kubectl apply -f config/crd", result.Output);
    }

    [Fact]
    public async Task It_ends_well_also_while_it_waits_for_the_crd()
    {
        await using var api = await ApiServer.StartAsync();
        api.KnowsRedisCluster = false;
        using var process = SlotwiseProcess.Start("run", "--kubeconfig", api.Kubeconfig, "--health-port", "0");
        await Eventually.HoldsAsync(() => api.ClusterLists >= 1, "it asks for the kind");

        Assert.Equal(0, (await process.TerminateAsync()).ExitCode);
    }

    [Fact]
    public async Task With_namespaces_given_nothing_else_is_read()
    {
        await using var api = await ApiServer.StartAsync();
        var paths = new System.Collections.Concurrent.ConcurrentBag<string>();
        api.OnRequest = paths.Add;
        var port = CommandLineTests.FreePort();
        using var process = SlotwiseProcess.Start(
            "run", "--kubeconfig", api.Kubeconfig, "--health-port", $"{port}", "--namespace", "shop", "--namespace", "bank");
        await Eventually.HoldsAsync(async () => await StatusAsync(port, "readyz") == HttpStatusCode.OK, "it is ready");
        await process.TerminateAsync();

        var objects = paths.Where(path => path != "/version").ToList();
        Assert.Contains(objects, path => path.Contains("/namespaces/shop/pods", StringComparison.Ordinal));
        Assert.Contains(objects, path => path.Contains("/namespaces/bank/redisclusters", StringComparison.Ordinal));

        // hosts belong to no namespace
        Assert.All(objects, path => Assert.Matches("^/api/v1/nodes$|/namespaces/(shop|bank)/", path));
    }

    [Fact]
    public async Task Rights_that_are_missing_end_it_with_one_clear_line()
    {
        await using var api = await ApiServer.StartAsync();
        api.Refuse = path => path.Contains("redisclusters", StringComparison.Ordinal)
            ? (403, "Forbidden", "User \"slotwise\" cannot list resource \"redisclusters\"")
            : null;
        using var process = SlotwiseProcess.Start("run", "--kubeconfig", api.Kubeconfig, "--health-port", "0");

        var result = await process.EndAsync();

        Assert.Equal(1, result.ExitCode);
        var last = JsonDocument.Parse(result.Output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal("critical", last.GetProperty("level").GetString());
        Assert.Equal(
            "Ending: the API server does not allow it: User \"slotwise\" cannot list resource \"redisclusters\"",
            last.GetProperty("message").GetString());
        Assert.False(last.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task A_leader_gives_its_lease_back_when_it_ends()
    {
        await using var api = await ApiServer.StartAsync();
        using var process = SlotwiseProcess.Start(
            "run", "--kubeconfig", api.Kubeconfig, "--health-port", "0", "--leader-elect", "--leader-election-namespace", "system");
        await Eventually.HoldsAsync(() => Holder(api) is { Length: > 0 }, "the lease is taken");
        Assert.Equal("system", (string?)api.Lease!["metadata"]!["namespace"]);

        Assert.Equal(0, (await process.TerminateAsync()).ExitCode);

        Assert.Equal("", Holder(api));
    }

    [Fact]
    public async Task A_leader_that_lost_its_lease_ends()
    {
        await using var api = await ApiServer.StartAsync();
        using var process = SlotwiseProcess.Start("run", "--kubeconfig", api.Kubeconfig, "--health-port", "0", "--leader-elect");
        await Eventually.HoldsAsync(() => Holder(api) is { Length: > 0 }, "the lease is taken");

        var usurped = JsonNode.Parse(api.Lease!.ToJsonString())!.AsObject();
        usurped["spec"]!["holderIdentity"] = "another";
        usurped["metadata"]!["resourceVersion"] = "1000";
        api.Lease = usurped;

        var result = await process.EndAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is held by another", result.Output);
        Assert.Equal("another", Holder(api));
    }

    [Fact]
    public async Task A_standby_has_its_copies_ready_and_waits()
    {
        await using var api = await ApiServer.StartAsync();
        api.Lease = JsonNode.Parse(
            """
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "slotwise", "namespace": "default", "resourceVersion": "7"},
             "spec": {"holderIdentity": "another", "leaseDurationSeconds": 3600}}
            """)!.AsObject();
        var port = CommandLineTests.FreePort();
        using var process = SlotwiseProcess.Start("run", "--kubeconfig", api.Kubeconfig, "--health-port", $"{port}", "--leader-elect");
        await Eventually.HoldsAsync(async () => await StatusAsync(port, "readyz") == HttpStatusCode.OK, "it is ready");

        Assert.Equal(0, (await process.TerminateAsync()).ExitCode);

        Assert.Equal("another", Holder(api));
    }

    [Fact]
    public async Task A_health_port_that_is_taken_is_named()
    {
        await using var api = await ApiServer.StartAsync();
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var result = await SlotwiseProcess.RunAsync("run", "--kubeconfig", api.Kubeconfig, "--health-port", $"{port}");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"slotwise: port {port} is taken; give another one with --health-port, or 0 for none\n", result.Errors);
    }

    [Fact]
    public async Task A_wrong_log_level_in_the_environment_is_named()
    {
        await using var api = await ApiServer.StartAsync();

        var result = await SlotwiseProcess.RunAsync(
            new Dictionary<string, string> { ["SLOTWISE_LOG_LEVEL"] = "loud" }, "run", "--kubeconfig", api.Kubeconfig);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("slotwise: SLOTWISE_LOG_LEVEL=loud: must be one of trace, debug, information, warning, error\n", result.Errors);
    }

    static string? Holder(ApiServer api) => (string?)api.Lease?["spec"]?["holderIdentity"];

    static async Task<HttpStatusCode?> StatusAsync(int port, string path)
    {
        try
        {
            using var response = await Http.GetAsync($"http://127.0.0.1:{port}/{path}");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
