using System.Net;
using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes.Tests.Api;

/// <summary>How trouble is asked for.</summary>
public sealed class FaultRequestTests(ApiFixture server) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Everything_that_can_be_asked_for_arrives()
    {
        var first = await CreateAsync("default", "first");
        var second = await CreateAsync("default", "second");
        var elsewhere = await CreateAsync("kube-system", "elsewhere");
        var (code, body) = await PatchAsync("first", """{"paused": true, "container": "redis", "cut": ["second", "kube-system/elsewhere", "@pods", "@host"], "nextAddress": "10.128.0.7"}""");
        Assert.Equal(200, code);
        Assert.Equal(first, body["metadata"]!["uid"]!.GetValue<string>());
        Assert.Equal(200, (await PatchAsync("second", """{"signal": 9, "mend": []}""")).Code);
        Assert.Collection(
            server.Faults.Inflicted,
            fault => Assert.Equal(new PauseFault("redis", true) { PodUid = first }, fault),
            fault =>
            {
                var link = Assert.IsType<LinkFault>(fault);
                Assert.True(link.Cut);
                Assert.Equal([second, elsewhere, "@pods", "@host"], link.Others);
            },
            fault => Assert.Equal(new AddressFault(IPAddress.Parse("10.128.0.7")) { PodUid = first }, fault),
            fault => Assert.Equal(new SignalFault(null, 9) { PodUid = second }, fault),
            fault => Assert.True(fault is LinkFault { Cut: false, Others.Count: 0 }));
    }

    [Theory]
    [InlineData("""{"pause": true}""", 400, "The fields are paused, signal, container, cut, mend, nextAddress and clock.")]
    [InlineData("""{"signal": 99}""", 400, "signal: 99 is none of 1 to 31")]
    [InlineData("""{"nextAddress": "here"}""", 400, "nextAddress: \"here\" is no IP address")]
    [InlineData("""{"cut": ["nobody"]}""", 404, "pods \"nobody\" not found")]
    public async Task What_nobody_can_mean_is_refused(string body, int code, string message)
    {
        var name = $"refused-{Guid.NewGuid():N}";
        await CreateAsync("default", name);
        var (said, answer) = await PatchAsync(name, body);
        Assert.Equal(code, said);
        Assert.EndsWith(message, answer["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_is_not_there_is_not_found() => Assert.Equal(404, (await PatchAsync("nobody", "{}")).Code);

    Task<(int Code, System.Text.Json.Nodes.JsonNode Body)> PatchAsync(string pod, string body) =>
        server.SendAsync("PATCH", $"/api/v1/namespaces/default/pods/{pod}/localkube", body, "application/merge-patch+json");

    async Task<string> CreateAsync(string ns, string name)
    {
        var (code, body) = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/pods", $$"""{"metadata": {"name": "{{name}}"}, "spec": {"containers": [{"name": "redis", "image": "redis:7.0"}] } }""");
        Assert.True(code == 201, body.ToJsonString());
        return body["metadata"]!["uid"]!.GetValue<string>();
    }
}
