using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Faults;

/// <summary>What is seen of wall clocks that jump.</summary>
public sealed class ClockFaultTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Case("scenario: clock jump", NeedsFaults = true, NeedsPods = true)]
    public async Task The_clock_of_one_pod_jumps_and_comes_back_and_no_other_does()
    {
        await RunAsync("wrong", Images.Shell, "adjustable", "[bash, -c, 'while :; do date +%s > /tmp/now; sleep 0.2; done']");
        await RunAsync("right", Images.Shell, "adjustable", "[sleep, '1000']");
        foreach (var (by, seconds) in (IEnumerable<(string, int)>)[("+2h", 7200), ("-1h", -3600), ("0", 0)])
        {
            await SetAsync("wrong", by);

            await AwaitAheadAsync(seconds, "exec", "wrong", "--", "date", "+%s");
            // the loop's shell has been running all the time
            await AwaitAheadAsync(seconds, "exec", "wrong", "--", "cat", "/tmp/now");
            Assert.InRange(await AheadAsync("exec", "right", "--", "date", "+%s"), -20, 20);
        }
    }

    [Case("scenario: clock jump", NeedsFaults = true, NeedsPods = true)]
    public async Task A_Redis_whose_clock_jumps_says_so_and_stays_up()
    {
        await RunAsync("redis", Images.Redis, "adjustable", "[redis-server, --save, '']");
        foreach (var (by, seconds) in (IEnumerable<(string, int)>)[("+90m", 5400), ("-1h", -3600), ("0", 0)])
        {
            await SetAsync("redis", by);
            await AwaitAheadAsync(seconds, "exec", "redis", "--", "redis-cli", "TIME");
        }

        var status = (await Api.GetAsync(Core("pods/redis"))).Expect(200)["status"]!["containerStatuses"]![0]!;
        Assert.Equal((true, 0), ((bool)status["ready"]!, (int)status["restartCount"]!));
    }

    [Case("user: a typing error", NeedsFaults = true, NeedsPods = true)]
    public async Task A_pod_without_a_clock_of_its_own_and_a_time_that_is_none_are_refused()
    {
        await RunAsync("plain", Images.Shell, "as it is", "[sleep, '1000']");
        foreach (var (by, message) in (IEnumerable<(string, string)>)[("+90s", "localkube.dev/clock: adjustable"), ("soon", "\"soon\" is no whole number of seconds")])
        {
            var refused = (await Api.PatchAsync(Core("pods/plain/localkube"), PatchType.Merge, new JsonObject { ["clock"] = by })).ExpectRefusal(400, "BadRequest");
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        }
    }

    async Task SetAsync(string pod, string by) => (await Api.PatchAsync(Core($"pods/{pod}/localkube"), PatchType.Merge, new JsonObject { ["clock"] = by })).Expect(200);

    async Task RunAsync(string name, string image, string clock, string command)
    {
        (await Api.PostAsync(Core("pods"), Manifest.Yaml($$$"""
            metadata: {name: {{{name}}}, annotations: {localkube.dev/clock: '{{{clock}}}'}}
            spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: '{{{image}}}', command: {{{command}}} }]}
            """))).Expect(201);
        await Api.AwaitAsync(Core($"pods/{name}"), now => (bool?)now["status"]?["containerStatuses"]?[0]?["ready"] == true, "to run");
    }

    async Task AwaitAheadAsync(int seconds, params string[] command)
    {
        var end = DateTimeOffset.UtcNow + Patience;
        double ahead;
        while (Math.Abs((ahead = await AheadAsync(command)) - seconds) is not <= 20)
        {
            Assert.True(DateTimeOffset.UtcNow < end, $"{string.Join(' ', command)} is {ahead} s ahead and not {seconds}");
            await Task.Delay(200, Cancel);
        }
    }

    /// <summary>How many seconds ahead of this machine's is the time that a command in a pod says first.</summary>
    async Task<double> AheadAsync(params string[] command)
    {
        var said = (await Cluster.KubectlAsync(["-n", Namespace, .. command])).Split('\n')[0];
        return long.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time - DateTimeOffset.UtcNow.ToUnixTimeSeconds() : double.NaN;
    }
}
