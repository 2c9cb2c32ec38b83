using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Which objects are meant.</summary>
public sealed class SelectorTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: informers keep only what carries its label")]
    public async Task Labels_select_by_value_set_and_presence()
    {
        await CreateAsync();
        Assert.Equal("a", await SelectAsync("x=1"));
        Assert.Equal("a", await SelectAsync("x==1"));
        Assert.Equal("b c", await SelectAsync("x!=1"));
        Assert.Equal("a b", await SelectAsync("x in (1, 2)"));
        Assert.Equal("c", await SelectAsync("x notin (1,2)"));
        Assert.Equal("a b", await SelectAsync("x"));
        Assert.Equal("c", await SelectAsync("!x"));
        Assert.Equal("b", await SelectAsync("x in (1,2),y"));
        Assert.Equal("b", await SelectAsync("x>1"));
        Assert.Equal("a", await SelectAsync("x<2"));
    }

    [Case("user: kubectl get -l with a typing error")]
    public async Task What_is_no_selector_is_refused()
    {
        foreach (var bad in (string[])["x in 1", "=", "x=a b", "a b", "x in (a", "-x", "x=-", "x>y"])
        {
            var refused = (await Api.GetAsync(Core($"configmaps?labelSelector={Uri.EscapeDataString(bad)}"))).ExpectRefusal(400, "BadRequest");
            Assert.True(refused.Message.Contains("found '", StringComparison.Ordinal) || refused.Message.Contains("Invalid value: ", StringComparison.Ordinal), refused.ToString());
        }

        // Also before a watch begins.
        (await Api.GetAsync(Core("configmaps?watch=true&labelSelector=a+b"))).ExpectRefusal(400, "BadRequest");
    }

    [Case("operator: waits for one object; user: kubectl get --field-selector")]
    public async Task Fields_select_where_the_kind_offers_them()
    {
        (await Api.PostAsync(Core("secrets"), Manifest.Json("""{"metadata":{"name":"a"},"type":"example.com/x"}"""))).Expect(201);
        (await Api.PostAsync(Core("secrets"), Manifest.Json("""{"metadata":{"name":"b"}}"""))).Expect(201);

        Assert.Equal("a", await ByFieldAsync("type=example.com/x"));
        Assert.Equal("b", await ByFieldAsync("type!=example.com/x"));
        Assert.Equal("b", await ByFieldAsync($"metadata.name=b,metadata.namespace={Namespace}"));
        (await Api.GetAsync(Core("pods?fieldSelector=status.phase%3DRunning,spec.nodeName%3Dnone"))).Expect(200);

        async Task<string> ByFieldAsync(string selector) => Names((await Api.GetAsync(Core($"secrets?fieldSelector={Uri.EscapeDataString(selector)}"))).Expect(200));
    }

    [Case("user: kubectl get --field-selector with another field")]
    public async Task Other_fields_are_refused()
    {
        var refused = (await Api.GetAsync(Core("configmaps?fieldSelector=data.k%3Dv"))).ExpectRefusal(400, "BadRequest");
        var ofPods = (await Api.GetAsync(Core("pods?fieldSelector=spec.hostname%3Dv"))).ExpectRefusal(400, "BadRequest");
        Assert.Contains("\"data.k\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("field label not supported: spec.hostname", ofPods.Message, StringComparison.Ordinal);
    }

    [Case("user: kubectl get -n with a typing error")]
    public async Task A_namespace_that_does_not_exist_is_empty()
    {
        var list = (await Api.GetAsync($"/api/v1/namespaces/{Namespace}-none/configmaps")).Expect(200);
        Assert.Equal("ConfigMapList", (string?)list["kind"]);
        Assert.Empty(list["items"]!.AsArray());
    }

    async Task CreateAsync()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.Yaml("metadata: {name: a, labels: {x: '1', all: ''}}"))).Expect(201);
        (await Api.PostAsync(Core("configmaps"), Manifest.Yaml("metadata: {name: b, labels: {x: '2', \"y\": '', all: ''}}"))).Expect(201);
        (await Api.PostAsync(Core("configmaps"), Manifest.Yaml("metadata: {name: c, labels: {all: ''}}"))).Expect(201);
    }

    async Task<string> SelectAsync(string selector) => Names((await Api.GetAsync(Core($"configmaps?labelSelector={Uri.EscapeDataString($"all,{selector}")}"))).Expect(200));

    static string Names(JsonObject list) => string.Join(' ', list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
}
