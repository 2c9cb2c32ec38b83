using System.Text.Json.Nodes;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Tests.Api;

/// <summary>What a user types. Holds with every kubectl from 1.20, which Debian has, on.</summary>
public sealed class KubectlTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Custom_resources_are_applied_shown_scaled_and_deleted()
    {
        await DefineToysAsync();
        Assert.Equal("toy.example.com/robot created", await OkAsync("apply --validate=false -f -", Toys.Toy));
        Assert.Equal("toy.example.com/robot unchanged", await OkAsync("apply --validate=false -f -", Toys.Toy));
        Assert.Matches(@"^NAME +COUNT +READY +AGE\nrobot +2 +\d+s$", await OkAsync("get ty"));
        Assert.Contains("red", await OkAsync("get ty -o wide"), StringComparison.Ordinal);
        Assert.Equal("toy.example.com/robot", await OkAsync("get toys -o name"));

        await OkAsync("scale toy robot --replicas 4");
        Assert.Equal("4", await OkAsync("get toy robot -o jsonpath={.spec.count}"));
        Assert.Contains("spec.count in body should be less than or equal to 5", await RefusedAsync("scale toy robot --replicas 9"), StringComparison.Ordinal);
        Assert.Contains(
            "spec.count: Invalid value: \"string\": spec.count in body must be of type integer: \"string\"",
            await RefusedAsync("patch toy robot --type merge -p '{\"spec\":{\"count\":\"x\"}}'"),
            StringComparison.Ordinal);

        Assert.Contains("\"robot\" deleted", await OkAsync("delete toy robot"), StringComparison.Ordinal);
        Assert.Contains("(NotFound)", await RefusedAsync("get toy robot"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Built_in_kinds_are_applied_patched_labelled_and_described()
    {
        await OkAsync("create ns built-in");
        await OkAsync("apply --validate=false -n built-in -f -", Toys.StatefulSet);
        Assert.Equal("statefulset.apps/web configured", await OkAsync("apply --validate=false -n built-in -f -", Toys.StatefulSet.Replace("1.2", "1.3", StringComparison.Ordinal)));
        Assert.Equal("nginx:1.3 2", await OkAsync("get sts web -n built-in -o 'jsonpath={.spec.template.spec.containers[0].image} {.metadata.generation}'"));

        await OkAsync("patch sts web -n built-in -p '{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"env\":[{\"name\":\"B\",\"value\":\"c\"}]}]}}}}'");
        Assert.Equal("B A", await OkAsync("get sts web -n built-in -o jsonpath={.spec.template.spec.containers[0].env[*].name}"));
        await OkAsync("patch sts web -n built-in --type json -p '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]'");
        await OkAsync("label sts web -n built-in tier=front");
        Assert.Matches("web +0/3", await OkAsync("get sts -n built-in -l tier=front"));
        Assert.Equal("", await OkAsync("get sts -n built-in -l tier=back --no-headers"));
        Assert.Contains("3 desired", await OkAsync("describe sts web -n built-in"), StringComparison.Ordinal);
        Assert.Contains("are forbidden", await RefusedAsync("patch sts web -n built-in -p '{\"spec\":{\"serviceName\":\"x\"}}'"), StringComparison.Ordinal);

        await OkAsync("delete ns built-in");
        Assert.Equal("", await OkAsync("get sts -n built-in --no-headers"));
    }

    [Fact]
    public async Task Server_side_apply_names_the_conflict_and_can_be_forced()
    {
        await OkAsync("create ns ssa");
        await OkAsync("apply --validate=false --server-side --field-manager one -n ssa -f -", Toys.StatefulSet);
        var other = Toys.StatefulSet.Replace("replicas: 2", "replicas: 5", StringComparison.Ordinal);
        Assert.Contains("conflict with \"one\"", await RefusedAsync("apply --validate=false --server-side --field-manager two -n ssa -f -", other), StringComparison.Ordinal);
        await OkAsync("apply --validate=false --server-side --force-conflicts --field-manager two -n ssa -f -", other);
        Assert.Equal("5", await OkAsync("get sts web -n ssa -o jsonpath={.spec.replicas}"));
    }

    [Fact]
    public async Task Typed_creations_arrive_although_they_are_protobuf()
    {
        await OkAsync("create ns typed");
        await OkAsync("create configmap m -n typed --from-literal=k=v");
        await OkAsync("create secret generic s -n typed --from-literal=p=q");
        await OkAsync("create serviceaccount bob -n typed");
        await OkAsync("create role r -n typed --verb=get --resource=pods");
        Assert.Equal("v", await OkAsync("get cm m -n typed -o jsonpath={.data.k}"));
        Assert.Equal("cQ==", await OkAsync("get secret s -n typed -o jsonpath={.data.p}"));
        Assert.Equal("get", await OkAsync("get role r -n typed -o jsonpath={.rules[0].verbs[0]}"));
    }

    [Fact]
    public async Task Waiting_ends_when_the_condition_holds_and_when_the_object_is_gone()
    {
        await DefineToysAsync();
        await OkAsync("apply --validate=false -f -", Toys.Toy.Replace("robot", "waiter", StringComparison.Ordinal));
        var waiting = OkAsync("wait toy/waiter --for=condition=Ready --timeout=50s");
        api.Store.Patch(Kind("toys"), "default", "waiter", PatchType.Merge, JsonNode.Parse("""{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""")!, "status", new WriteOptions { Manager = "test" });
        Assert.Contains("condition met", await waiting, StringComparison.Ordinal);

        waiting = OkAsync("wait toy/waiter --for=delete --timeout=50s");
        await Task.WhenAll(waiting, OkAsync("delete toy waiter --wait=false"));
    }

    [Fact]
    public async Task Logs_are_those_of_the_container()
    {
        api.Store.Create(Kind("pods"), "default", (JsonObject)JsonNode.Parse("""{"metadata":{"name":"talker"},"spec":{"nodeName":"here","containers":[{"name":"c","image":"i"}]}}""")!, new WriteOptions { Manager = "test" });
        Assert.Equal("one\ntwo\nthree", await OkAsync("logs talker"));
        Assert.Equal("three", await OkAsync("logs talker --tail 1"));
        Assert.Equal("before", await OkAsync("logs talker -c c --previous"));
        Assert.StartsWith("1970-01-01T00:00:00.000000000Z one", await OkAsync("logs talker --timestamps -f"), StringComparison.Ordinal);
        Assert.Contains("container x is not valid", await RefusedAsync("logs talker -c x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_kinds_are_found()
    {
        var kinds = await OkAsync("api-resources -o name");
        foreach (var kind in (string[])["pods", "statefulsets.apps", "events.events.k8s.io", "customresourcedefinitions.apiextensions.k8s.io", "leases.coordination.k8s.io"])
        {
            Assert.Contains(kind, kinds.Split('\n'));
        }
    }

    async Task DefineToysAsync()
    {
        await OkAsync("apply --validate=false -f -", Toys.Definition);
        await OkAsync("wait crd/toys.example.com --for=condition=Established --timeout=50s");
    }

    ObjectStore.Kinds.ResourceKind Kind(string plural) => api.Store.Kinds.All.First(kind => kind.Kind.Plural == plural);

    async Task<string> OkAsync(string arguments, string? input = null)
    {
        var (code, output, errors) = await api.KubectlAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments} ended with {code}: {errors}{output}");
        return output.Trim();
    }

    async Task<string> RefusedAsync(string arguments, string? input = null)
    {
        var (code, output, errors) = await api.KubectlAsync(arguments, input);
        Assert.True(code != 0, $"kubectl {arguments} was not refused: {output}");
        return errors;
    }
}
