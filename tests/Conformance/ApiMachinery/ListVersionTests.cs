using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>As of when a list is.</summary>
public sealed class ListVersionTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: informers")]
    public async Task Exact_shows_that_very_moment()
    {
        (await CreateAsync("a")).Expect(201);
        var then = (string)(await ListAsync("")).Expect(200)["metadata"]!["resourceVersion"]!;
        (await CreateAsync("b")).Expect(201);
        (await Api.DeleteAsync(Leases + "/a")).Expect(200);

        var exact = (await ListAsync($"?resourceVersion={then}&resourceVersionMatch=Exact")).Expect(200);
        var newer = (await ListAsync($"?resourceVersion={then}&resourceVersionMatch=NotOlderThan")).Expect(200);

        Assert.Equal((string[])["a"], Names(exact));
        Assert.Equal(then, (string?)exact["metadata"]!["resourceVersion"]);
        Assert.True(ulong.Parse((string)newer["metadata"]!["resourceVersion"]!) >= ulong.Parse(then));
    }

    [Case("operator: informers")]
    public async Task The_newest_state_is_read_without_a_version()
    {
        (await CreateAsync("a")).Expect(201);
        (await Api.DeleteAsync(Leases + "/a")).Expect(200);
        (await CreateAsync("b")).Expect(201);
        Assert.Equal((string[])["b"], Names((await ListAsync("")).Expect(200)));
    }

    [Case("operator: informers after a restore of etcd")]
    public async Task A_version_from_the_future_times_out()
    {
        var refused = (await ListAsync("?resourceVersion=999999999999999")).ExpectRefusal(504, "Timeout");
        Assert.Contains("Too large resource version", refused.Message, StringComparison.Ordinal);
        Assert.Contains(refused.Causes, cause => cause.Reason == "ResourceVersionTooLarge");
        Assert.Equal(1, (int?)refused.Body["details"]!["retryAfterSeconds"]);
    }

    [Case("operator: informers")]
    public async Task Options_that_mean_nothing_together_are_refused()
    {
        (await ListAsync("?resourceVersionMatch=Exact")).ExpectRefusal(422, "Invalid");
        (await ListAsync("?resourceVersion=0&resourceVersionMatch=Exact")).ExpectRefusal(422, "Invalid");
        (await ListAsync("?resourceVersion=1&resourceVersionMatch=Roughly")).ExpectRefusal(422, "Invalid");
        (await ListAsync("?sendInitialEvents=true")).ExpectRefusal(422, "Invalid");
        var noVersion = (await ListAsync("?resourceVersion=abc")).ExpectRefusal(400, "BadRequest");
        Assert.Contains("resourceVersion: Invalid value: \"abc\"", noVersion.Message, StringComparison.Ordinal);
        (await ListAsync("?limit=abc")).ExpectRefusal(400, "BadRequest");
    }

    string Leases => Group("coordination.k8s.io/v1", "leases");

    Task<ApiAnswer> ListAsync(string query) => Api.GetAsync(Leases + query);

    Task<ApiAnswer> CreateAsync(string name) => Api.PostAsync(Leases, Manifest.Json($$$"""{"metadata":{"name":"{{{name}}}"}}"""));

    static IEnumerable<string> Names(JsonObject list) => list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!);
}
