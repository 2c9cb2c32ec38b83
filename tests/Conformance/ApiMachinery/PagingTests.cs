using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Lists in pages: limit, continue, and what becomes of tokens.</summary>
public sealed class PagingTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: informers, kubectl get")]
    public async Task Pages_show_one_moment()
    {
        await CreateAsync("a", "b", "c", "d", "e");
        var first = (await ListAsync("?limit=2")).Expect(200);
        await CreateAsync("aa");
        (await Api.DeleteAsync(Leases("d"))).Expect(200);

        var second = (await ListAsync($"?limit=2&continue={Token(first)}")).Expect(200);
        var third = (await ListAsync($"?limit=2&continue={Token(second)}")).Expect(200);

        Assert.Equal((string[])["a", "b", "c", "d", "e"], Names(first).Concat(Names(second)).Concat(Names(third)));
        Assert.Equal((3, 1), ((int?)first["metadata"]!["remainingItemCount"], (int?)second["metadata"]!["remainingItemCount"]));
        Assert.Null(third["metadata"]!["continue"]);
        Assert.Null(third["metadata"]!["remainingItemCount"]);
        Assert.Single(new[] { first, second, third }.Select(page => (string?)page["metadata"]!["resourceVersion"]).Distinct());
    }

    [Case("user: kubectl get -l --chunk-size")]
    public async Task With_a_selector_nobody_counts_what_is_left()
    {
        await CreateAsync("a", "b", "c");
        var page = (await ListAsync("?limit=1&fieldSelector=metadata.name!%3Da")).Expect(200);
        Assert.Equal((string[])["b"], Names(page));
        Assert.NotNull((string?)page["metadata"]!["continue"]);
        Assert.Null(page["metadata"]!["remainingItemCount"]);
    }

    [Case("operator: informers that page slowly")]
    public async Task A_token_of_a_forgotten_moment_is_expired_and_gives_one_to_go_on_with()
    {
        await CreateAsync("a", "b", "c");
        var old = Convert.ToBase64String("{\"v\":\"meta.k8s.io/v1\",\"rv\":1,\"start\":\"a\\u0000\"}"u8).TrimEnd('=');
        var answer = await ListAsync($"?limit=2&continue={old}");
        Assert.SkipWhen(answer.Status == 200, "nothing has been compacted yet on this cluster: that takes five minutes");

        var refused = answer.ExpectRefusal(410, "Expired");

        Assert.StartsWith("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response", refused.Message, StringComparison.Ordinal);
        Assert.Equal((string[])["b", "c"], Names((await ListAsync($"?limit=2&continue={Uri.EscapeDataString((string)refused.Body["metadata"]!["continue"]!)}")).Expect(200)));
    }

    [Case("operator: informers")]
    public async Task A_token_goes_with_no_version_and_must_be_one()
    {
        await CreateAsync("a", "b");
        var first = (await ListAsync("?limit=1")).Expect(200);

        var both = (await ListAsync($"?continue={Token(first)}&resourceVersion=1")).ExpectRefusal(400, "BadRequest");
        var none = (await ListAsync("?limit=1&continue=abc")).ExpectRefusal(400, "BadRequest");

        Assert.Equal("specifying resource version is not allowed when using continue", both.Message);
        Assert.Contains("continue key is not valid", none.Message, StringComparison.Ordinal);
    }

    [Case("operator: informers")]
    public async Task A_list_from_any_version_is_whole()
    {
        await CreateAsync("a", "b", "c");
        var list = (await ListAsync("?resourceVersion=0&limit=1")).Expect(200);
        Assert.Null(list["metadata"]!["continue"]);
        Assert.Equal(list["items"]!.AsArray().Count, Names(list).Count());
    }

    Task<ApiAnswer> ListAsync(string query) => Api.GetAsync(Leases("")[..^1] + query);

    string Leases(string name) => Group("coordination.k8s.io/v1", $"leases/{name}");

    async Task CreateAsync(params string[] names)
    {
        foreach (var name in names)
        {
            (await Api.PostAsync(Leases("")[..^1], Manifest.Json($$$"""{"metadata":{"name":"{{{name}}}"}}"""))).Expect(201);
        }
    }

    static string Token(JsonObject page) => Uri.EscapeDataString((string)page["metadata"]!["continue"]!);

    static IEnumerable<string> Names(JsonObject list) => list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!);
}
