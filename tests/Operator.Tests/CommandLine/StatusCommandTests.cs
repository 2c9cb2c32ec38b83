using System.Text.Json;
using Slotwise.Entities;
using Slotwise.Operator.Tests.Status;

namespace Slotwise.Operator.Tests.CommandLine;

public sealed class StatusCommandTests
{
    const string Path = "/apis/redis.slotwise.dev/v1beta1/namespaces/default/redisclusters/sample";

    static readonly string ReadyCluster = JsonSerializer.Serialize(Pictures.Ready.Resource, RedisCluster.JsonTypeInfo);

    [Fact]
    public async Task It_shows_the_report_of_a_cluster()
    {
        await using var api = await ApiServer.StartAsync();
        api.Objects[Path] = ReadyCluster;

        var result = await SlotwiseProcess.RunAsync("status", "sample", "--kubeconfig", api.Kubeconfig);

        Assert.Equal("", result.Errors);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("default/sample: 3 shards with 1 replica each, redis:7.0\n", result.Output);
        Assert.Contains("\n1      sample-1-0  sample-1-1  5461-10922 ", result.Output);
    }

    [Fact]
    public async Task Until_ready_ends_well_when_the_cluster_is_ready()
    {
        await using var api = await ApiServer.StartAsync();
        api.Objects[Path] = ReadyCluster;

        var result = await SlotwiseProcess.RunAsync("status", "sample", "--until-ready", "--kubeconfig", api.Kubeconfig);

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"\nReady after \d+\.\d s\.\n$", result.Output);
    }

    [Fact]
    public async Task Until_ready_fails_in_the_end_and_says_what_is_missing()
    {
        await using var api = await ApiServer.StartAsync();
        api.Objects[Path] = JsonSerializer.Serialize(Pictures.Forming.Resource, RedisCluster.JsonTypeInfo);

        var result = await SlotwiseProcess.RunAsync("status", "sample", "--until-ready", "--timeout", "1", "--kubeconfig", api.Kubeconfig);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("waiting for 5 nodes to meet", result.Errors);
    }

    [Fact]
    public async Task Watch_writes_a_line_for_every_change_and_ends_when_asked_to()
    {
        await using var api = await ApiServer.StartAsync();
        api.Objects[Path] = JsonSerializer.Serialize(Pictures.Forming.Resource, RedisCluster.JsonTypeInfo);
        var asked = 0;
        api.OnRequest = path => asked += path == Path ? 1 : 0;
        using var process = SlotwiseProcess.Start("status", "sample", "--watch", "--kubeconfig", api.Kubeconfig);
        await Eventually.HoldsAsync(() => asked >= 3, "the cluster is read again and again");
        api.Objects[Path] = ReadyCluster;
        var seen = asked;
        await Eventually.HoldsAsync(() => asked >= seen + 2, "the changed cluster is read");

        var result = await process.TerminateAsync();

        Assert.Equal(0, result.ExitCode);
        var lines = result.Output.Split('\n').TakeWhile(line => line.Length > 0).ToList();
        Assert.Equal(2, lines.Count);
        Assert.EndsWith("waiting for 5 nodes to meet", lines[0]);
        Assert.EndsWith(": ready", lines[1]);
    }
}
