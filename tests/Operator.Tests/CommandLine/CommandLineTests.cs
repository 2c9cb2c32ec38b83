using System.Net;
using System.Net.Sockets;
using Slotwise.Entities.Crd;

namespace Slotwise.Operator.Tests.CommandLine;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_lists_the_commands()
    {
        var result = await SlotwiseProcess.RunAsync("--help");

        Assert.Equal(0, result.ExitCode);
        foreach (var command in new[] { "run", "status", "check", "load", "crd", "version" })
        {
            Assert.Contains($"\n  {command} ", result.Output);
        }
    }

    [Fact]
    public async Task Version_names_the_program_and_the_api()
    {
        var result = await SlotwiseProcess.RunAsync("version");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^slotwise \d+\.\d+\.\d+\S*, serves redis\.slotwise\.dev/v1beta1\n$", result.Output);
    }

    [Fact]
    public async Task Crd_prints_what_config_has()
    {
        var result = await SlotwiseProcess.RunAsync("crd");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(RedisClusterCrd.Render(), result.Output);
    }

    [Theory]
    [InlineData("status", "Required argument 'NAME' missing for command: 'status'")]
    [InlineData("run --health-port 70000", "--health-port 70000: must be 0 to 65535")]
    [InlineData("run --log-level loud", "'loud' not recognized")]
    [InlineData("status sample --until-ready --timeout 0", "--timeout 0: must be at least 1 second")]
    [InlineData("check sample --keys 0", "--keys 0: must be 1 to 10000000")]
    [InlineData("load sample --seconds 0", "--seconds 0: must be 1 to 2592000")]
    [InlineData("load sample --rate -1", "--rate -1: must be 0 to 10000000")]
    [InlineData("load sample --keys 100", "--keys 100: must be at least 20 for each of the 16 connections, 320")]
    [InlineData("load sample --map 10.0.0.7", "--map 10.0.0.7: must be ADDRESS:PORT=ADDRESS:PORT")]
    [InlineData("destroy", "Unrecognized command or argument 'destroy'")]
    public async Task A_wrong_command_line_says_what_is_wrong(string arguments, string message)
    {
        var result = await SlotwiseProcess.RunAsync(arguments.Split(' '));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("status sample")]
    [InlineData("check sample")]
    [InlineData("load sample")]
    public async Task A_kubeconfig_that_is_not_there_is_named(string command)
    {
        var result = await SlotwiseProcess.RunAsync([.. command.Split(' '), "--kubeconfig", "/nonexistent/kubeconfig"]);

        AssertOneLine(result, "/nonexistent/kubeconfig");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("status sample")]
    public async Task A_kubeconfig_that_is_none_is_named(string command)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "clusters: [\n");

            AssertOneLine(await SlotwiseProcess.RunAsync([.. command.Split(' '), "--kubeconfig", file]), file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("run --health-port 0")]
    [InlineData("status sample")]
    [InlineData("status sample --watch")]
    public async Task A_server_that_is_not_there_is_named(string command)
    {
        var file = Path.GetTempFileName();
        try
        {
            var address = $"http://127.0.0.1:{FreePort()}";
            await File.WriteAllTextAsync(file, ApiServer.KubeconfigFor(address));

            AssertOneLine(await SlotwiseProcess.RunAsync([.. command.Split(' '), "--kubeconfig", file]), address);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("run --health-port 0")]
    [InlineData("status sample")]
    public async Task Refused_credentials_are_said_to_be_refused(string command)
    {
        await using var api = await ApiServer.StartAsync();
        api.Refuse = _ => (401, "Unauthorized", "Unauthorized");

        AssertOneLine(await SlotwiseProcess.RunAsync([.. command.Split(' '), "--kubeconfig", api.Kubeconfig]), "does not accept the credentials");
    }

    [Fact]
    public async Task Missing_rights_are_named()
    {
        await using var api = await ApiServer.StartAsync();
        api.Refuse = _ => (403, "Forbidden", "redisclusters.redis.slotwise.dev is forbidden: User \"ann\" cannot get resource");

        AssertOneLine(await SlotwiseProcess.RunAsync("status", "sample", "--kubeconfig", api.Kubeconfig), "User \"ann\" cannot get resource");
    }

    [Fact]
    public async Task A_context_that_the_kubeconfig_lacks_is_named()
    {
        await using var api = await ApiServer.StartAsync();

        AssertOneLine(await SlotwiseProcess.RunAsync("status", "sample", "--kubeconfig", api.Kubeconfig, "--context", "prod"), "prod");
    }

    [Fact]
    public async Task Without_the_crd_the_remedy_is_given()
    {
        await using var api = await ApiServer.StartAsync();
        api.KnowsRedisCluster = false;

        AssertOneLine(
            await SlotwiseProcess.RunAsync("status", "sample", "--kubeconfig", api.Kubeconfig),
            "RedisCluster is not known to the API server: apply config/crd first (kubectl apply -f config/crd)");
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_is_named_with_its_namespace()
    {
        await using var api = await ApiServer.StartAsync();

        AssertOneLine(
            await SlotwiseProcess.RunAsync("status", "sample", "-n", "shop", "--kubeconfig", api.Kubeconfig),
            "there is no RedisCluster sample in namespace shop");
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static void AssertOneLine(SlotwiseResult result, string contained)
    {
        Assert.Equal("", result.Output);
        Assert.Contains(contained, result.Errors);
        Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("slotwise: ", result.Errors);
        Assert.Equal(1, result.ExitCode);
    }
}
