using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Access;

/// <summary>Who somebody is taken for.</summary>
public sealed class IdentityTests(ClusterUnderTest cluster) : AccessTest(cluster)
{
    const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    [Case("operator: probes of the API server")]
    public async Task A_stranger_reads_health_and_version_and_nothing_else()
    {
        using var stranger = Api.Anonymous();
        foreach (var path in (string[])["/healthz", "/livez", "/readyz", "/version"])
        {
            Assert.Equal(200, (await stranger.GetAsync(path)).Status);
        }

        Refused(await stranger.GetAsync("/api"), "forbidden: User \"system:anonymous\" cannot get path \"/api\"");
        Refused(await stranger.GetAsync("/api/v1/pods"), "pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the cluster scope");
    }

    [Case("operator: expired credentials")]
    public async Task A_bad_token_is_401_for_everything()
    {
        using var liar = Api.WithToken("nonsense");
        foreach (var path in (string[])["/api/v1/pods", "/version"])
        {
            Assert.Equal("Unauthorized", (await liar.GetAsync(path)).ExpectRefusal(401, "Unauthorized").Message);
        }
    }

    [Case("user: kubectl auth whoami")]
    public async Task Everybody_may_ask_who_he_is()
    {
        var me = (await Api.As("jane", "a").PostAsync(WhoAmI, new JsonObject())).Expect(201)["status"]!["userInfo"]!;
        Assert.Equal("jane", (string?)me["username"]);
        Assert.Equal(["a", "system:authenticated"], me["groups"]!.AsArray().Select(group => (string?)group));
        Assert.Matches(@"(?m)^Groups +\[a b system:authenticated\]", await Cluster.KubectlAsync("auth", "whoami", "--as", "jane", "--as-group", "a", "--as-group", "b"));
    }

    [Case("user: kubectl --as")]
    public async Task A_service_account_that_is_stood_in_for_has_its_groups()
    {
        var me = (await Api.As($"system:serviceaccount:{Namespace}:default").PostAsync(WhoAmI, new JsonObject())).Expect(201)["status"]!["userInfo"]!;
        Assert.Equal(["system:authenticated", "system:serviceaccounts", $"system:serviceaccounts:{Namespace}"], me["groups"]!.AsArray().Select(group => (string?)group).Order());
    }

    [Case("user: kubectl --as")]
    public async Task Standing_in_for_somebody_is_a_right()
    {
        var token = (await Api.PostAsync(Core("serviceaccounts/default/token"), new JsonObject { ["spec"] = new JsonObject() })).Expect(201);
        using var account = Api.WithToken((string)token["status"]!["token"]!);
        // Since 1.35 it can also be the right to do so for this one request that is missed.
        var refused = (await account.As("jane").GetAsync(Core("pods"))).ExpectRefusal(403, "Forbidden");
        Assert.Matches($"is forbidden: User \"system:serviceaccount:{Namespace}:default\" cannot impersonate(-on:user-info:list resource \"pods\"| resource \"users\" in API group \"\" at the cluster scope)", refused.Message);
    }

    [Case("user: kubectl auth can-i")]
    public async Task What_one_may_do_can_be_asked_before()
    {
        await GrantAsync("jane", """{apiGroups: [""], resources: [pods], verbs: [get, list]}""");
        Assert.Equal((0, "yes"), await CanIAsync("list", "pods", "-n", Namespace));
        Assert.Equal((1, "no"), await CanIAsync("delete", "pods", "-n", Namespace));
        var list = await Cluster.KubectlAsync("auth", "can-i", "--list", "-n", Namespace, "--as", $"{Namespace}-jane");
        Assert.Matches(@"(?m)^pods +\[\] +\[\] +\[get list\]", list);

        async Task<(int, string)> CanIAsync(params string[] arguments)
        {
            var result = await Cluster.TryKubectlAsync("", ["auth", "can-i", .. arguments, "--as", $"{Namespace}-jane"]);
            return (result.ExitCode, result.Output.Trim());
        }
    }

    [Case("chart: metrics behind authentication")]
    public async Task What_others_may_do_is_told_with_the_reason()
    {
        const string Reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        await GrantAsync("jane", """{apiGroups: [""], resources: [pods], verbs: [get]}""");
        var status = (await Api.PostAsync(Reviews, Manifest.Yaml($"{{spec: {{user: {Namespace}-jane, resourceAttributes: {{verb: get, resource: pods, namespace: {Namespace}}}}}}}"))).Expect(201)["status"]!;
        Assert.True((bool?)status["allowed"]);
        Assert.Equal($"RBAC: allowed by RoleBinding \"jane/{Namespace}\" of Role \"jane\" to User \"{Namespace}-jane\"", (string?)status["reason"]);
        Assert.False((bool?)(await Api.PostAsync(Reviews, Manifest.Yaml($"{{spec: {{user: {Namespace}-jane, resourceAttributes: {{verb: get, resource: pods}}}}}}"))).Expect(201)["status"]!["allowed"]);
        Assert.True((bool?)(await Api.PostAsync(Reviews, Manifest.Yaml("{spec: {user: x, groups: [\"system:authenticated\"], nonResourceAttributes: {verb: get, path: /version}}}"))).Expect(201)["status"]!["allowed"]);
        var refused = (await Api.PostAsync(Reviews, Manifest.Yaml("{spec: {}}"))).ExpectRefusal(422, "Invalid");
        Assert.Equal(["spec.resourceAttributes", "spec.user"], refused.Causes.Select(cause => cause.Field).Order());

        var local = await Api.PostAsync(Group("authorization.k8s.io/v1", "localsubjectaccessreviews"), Manifest.Yaml($"{{metadata: {{namespace: {Namespace}}}, spec: {{user: {Namespace}-jane, resourceAttributes: {{verb: get, resource: pods, namespace: {Namespace}}}}}}}"));
        Assert.True((bool?)local.Expect(201)["status"]!["allowed"]);
        (await Api.GetAsync(Reviews)).ExpectRefusal(405, "MethodNotAllowed");
    }
}
