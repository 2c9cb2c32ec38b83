using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Access;

/// <summary>Roles and bindings: what they allow, and how a refusal reads.</summary>
public sealed class RoleTests(ClusterUnderTest cluster) : AccessTest(cluster)
{
    [Case("operator: its role")]
    public async Task Who_has_no_role_is_told_what_he_may_not_do_and_where()
    {
        var nobody = Api.As($"{Namespace}-nobody");
        Refused(await nobody.GetAsync(Core("pods")), $"pods is forbidden: User \"{Namespace}-nobody\" cannot list resource \"pods\" in API group \"\" in the namespace \"{Namespace}\"");
        Refused(await nobody.GetAsync(Core("pods/a")), $"pods \"a\" is forbidden: User \"{Namespace}-nobody\" cannot get resource \"pods\" in API group \"\" in the namespace \"{Namespace}\"");
        Refused(await nobody.GetAsync("/api/v1/nodes"), $"nodes is forbidden: User \"{Namespace}-nobody\" cannot list resource \"nodes\" in API group \"\" at the cluster scope");
        Refused(await nobody.GetAsync(Core("pods/a/log")), $"pods \"a\" is forbidden: User \"{Namespace}-nobody\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"{Namespace}\"");
        Refused(await nobody.PatchAsync(Group("apps/v1", "statefulsets/a"), PatchType.Merge, new JsonObject()), $"statefulsets.apps \"a\" is forbidden: User \"{Namespace}-nobody\" cannot patch resource \"statefulsets\" in API group \"apps\" in the namespace \"{Namespace}\"");
        var answer = await nobody.GetAsync(Group("apps/v1", "statefulsets/a"));
        Assert.Equal(("a", "apps", "statefulsets"), ((string?)answer.Body["details"]?["name"], (string?)answer.Body["details"]?["group"], (string?)answer.Body["details"]?["kind"]));
    }

    [Case("operator: its role")]
    public async Task A_kind_that_is_not_served_is_refused_before_it_is_missed()
    {
        Refused(
            await Api.As($"{Namespace}-x").GetAsync("/apis/nope.example/v1/foos"),
            $"foos.nope.example is forbidden: User \"{Namespace}-x\" cannot list resource \"foos\" in API group \"nope.example\" at the cluster scope");
        Assert.Equal(404, (await Api.GetAsync("/apis/nope.example/v1/foos")).Status);
        Refused(await Api.As($"{Namespace}-x").GetAsync("/nope"), $"forbidden: User \"{Namespace}-x\" cannot get path \"/nope\"");
    }

    [Case("operator: its role binding")]
    public async Task A_RoleBinding_gives_a_ClusterRole_within_its_namespace_only()
    {
        await BindAsync("view", "ClusterRole", "view", Namespace);
        var viewer = Api.As($"{Namespace}-view");
        (await viewer.GetAsync(Core("pods"))).Expect(200);
        (await viewer.GetAsync($"/api/v1/namespaces/{Namespace}")).Expect(200);
        (await viewer.GetAsync("/api/v1/pods")).ExpectRefusal(403, "Forbidden");
        (await viewer.GetAsync("/api/v1/namespaces/default/pods")).ExpectRefusal(403, "Forbidden");
        (await viewer.GetAsync(Core("secrets"))).ExpectRefusal(403, "Forbidden");
        (await viewer.DeleteAsync(Core("pods/a"))).ExpectRefusal(403, "Forbidden");
    }

    [Case("operator: watches everywhere")]
    public async Task A_ClusterRoleBinding_gives_a_ClusterRole_everywhere_and_takes_it_away_again()
    {
        var name = $"{Namespace}-all";
        (await Api.PostAsync($"{Rbac}/clusterroles", Manifest.Yaml($"{{metadata: {{name: {name}}}, rules: [{{apiGroups: [\"\"], resources: [configmaps], verbs: [list, watch]}}]}}"))).Expect(201);
        (await Api.PostAsync($"{Rbac}/clusterrolebindings", Binding(name, "ClusterRole", name, $"{{kind: User, name: {name}}}"))).Expect(201);
        await AllowedAsync(() => Api.As(name).GetAsync("/api/v1/configmaps?limit=1"));
        (await Api.As(name).GetAsync(Core("configmaps?limit=1"))).Expect(200);
        (await Api.As(name).GetAsync(Core("configmaps/a"))).ExpectRefusal(403, "Forbidden");

        (await Api.DeleteAsync($"{Rbac}/clusterrolebindings/{name}")).Expect(200);
        await RefusedAsync(() => Api.As(name).GetAsync("/api/v1/configmaps?limit=1"));
        (await Api.DeleteAsync($"{Rbac}/clusterroles/{name}")).Expect(200);
    }

    [Case("user: kubectl logs")]
    public async Task A_part_of_an_object_needs_a_right_of_its_own()
    {
        await GrantAsync("reader", """{apiGroups: [""], resources: [pods], verbs: [get]}""");
        await GrantAsync("logger", """{apiGroups: [""], resources: [pods/log], verbs: [get]}""");
        await GrantAsync("scaler", """{apiGroups: ["*"], resources: ["*/scale"], verbs: ["*"]}""");
        await AllowedAsync(() => Api.As($"{Namespace}-reader").GetAsync(Core("pods/a")), 404);
        (await Api.As($"{Namespace}-reader").GetAsync(Core("pods/a/log"))).ExpectRefusal(403, "Forbidden");
        await AllowedAsync(() => Api.As($"{Namespace}-logger").GetAsync(Core("pods/a/log")), 404);
        (await Api.As($"{Namespace}-logger").GetAsync(Core("pods/a"))).ExpectRefusal(403, "Forbidden");
        await AllowedAsync(() => Api.As($"{Namespace}-scaler").GetAsync(Group("apps/v1", "statefulsets/a/scale")), 404);
        (await Api.As($"{Namespace}-scaler").GetAsync(Group("apps/v1", "statefulsets/a"))).ExpectRefusal(403, "Forbidden");
    }

    [Case("operator: leader election")]
    public async Task A_right_to_names_holds_for_these_and_for_lists_of_one_of_them()
    {
        await GrantAsync("named", """{apiGroups: [""], resources: [configmaps], resourceNames: [mine], verbs: [get, list, watch, update, patch, delete, create, deletecollection]}""");
        var named = Api.As($"{Namespace}-named");
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("mine", ("a", "b")))).Expect(201);
        await AllowedAsync(() => named.GetAsync(Core("configmaps/mine")));
        (await named.GetAsync(Core("configmaps/other"))).ExpectRefusal(403, "Forbidden");
        (await named.GetAsync(Core("configmaps"))).ExpectRefusal(403, "Forbidden");
        var one = (await named.GetAsync(Core("configmaps?fieldSelector=metadata.name%3Dmine"))).Expect(200);
        Assert.Equal("mine", (string?)Assert.Single(one["items"]!.AsArray())!["metadata"]!["name"]);
        (await named.PostAsync(Core("configmaps"), Manifest.ConfigMap("mine"))).ExpectRefusal(403, "Forbidden");
        (await named.DeleteAsync(Core("configmaps"))).ExpectRefusal(403, "Forbidden");
        (await named.PatchAsync(Core("configmaps/mine"), PatchType.Merge, new JsonObject { ["data"] = new JsonObject { ["a"] = "c" } })).Expect(200);
    }

    [Case("operator: server-side apply")]
    public async Task An_apply_that_creates_needs_the_right_to_create()
    {
        await GrantAsync("patcher", """{apiGroups: [""], resources: [configmaps], verbs: [get, patch]}""");
        var patcher = Api.As($"{Namespace}-patcher");
        await AllowedAsync(() => patcher.GetAsync(Core("configmaps/a")), 404);
        Refused(
            await patcher.ApplyAsync(Core("configmaps/a"), "me", Manifest.ConfigMap("a", ("k", "v"))),
            $"configmaps \"a\" is forbidden: User \"{Namespace}-patcher\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"{Namespace}\"");
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);
        (await patcher.ApplyAsync(Core("configmaps/a"), "me", Manifest.ConfigMap("a", ("k", "v")))).Expect(200);
    }

    [Case("chart: aggregated roles")]
    public async Task A_labelled_ClusterRole_adds_to_the_role_that_aggregates_its_label()
    {
        var (part, whole) = ($"{Namespace}-part", $"{Namespace}-whole");
        (await Api.PostAsync($"{Rbac}/clusterroles", Manifest.Yaml($"{{metadata: {{name: {whole}}}, aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{{whole}: \"true\"}}}}]}}}}"))).Expect(201);
        (await Api.PostAsync($"{Rbac}/clusterroles", Manifest.Yaml($"{{metadata: {{name: {part}, labels: {{{whole}: \"true\"}}}}, rules: [{{apiGroups: [toys.example], resources: [toys], verbs: [get]}}]}}"))).Expect(201);
        await Api.AwaitAsync($"{Rbac}/clusterroles/{whole}", role => (string?)role["rules"]?[0]?["resources"]?[0] == "toys", "the part's rule");
        (await Api.DeleteAsync($"{Rbac}/clusterroles/{part}")).Expect(200);
        await Api.AwaitAsync($"{Rbac}/clusterroles/{whole}", role => role["rules"] is null or JsonArray { Count: 0 }, "no rules");
        (await Api.DeleteAsync($"{Rbac}/clusterroles/{whole}")).Expect(200);
    }

    [Case("chart: role")]
    public async Task Roles_are_checked()
    {
        var answer = await Api.PostAsync(Group(Version, "roles"), Manifest.Yaml("{metadata: {name: bad}, rules: [{resources: [pods]}]}"));
        answer.ExpectRefusal(422, "Invalid");
        Assert.Contains("rules[0].verbs", answer.Causes.Select(cause => cause.Field));
        answer = await Api.PostAsync(Group(Version, "roles"), Manifest.Yaml("{metadata: {name: bad}, rules: [{resources: [pods], verbs: [get]}]}"));
        answer.ExpectRefusal(422, "Invalid");
        Assert.Equal("Role.rbac.authorization.k8s.io \"bad\" is invalid: rules[0].apiGroups: Required value: resource rules must supply at least one api group", answer.Message);
        answer = await Api.PostAsync(Group(Version, "roles"), Manifest.Yaml("{metadata: {name: bad}, rules: [{nonResourceURLs: [/metrics], verbs: [get]}]}"));
        answer.ExpectRefusal(422, "Invalid");
        Assert.Contains("namespaced rules cannot apply to non-resource URLs", answer.Message, StringComparison.Ordinal);
        answer = await Api.PostAsync(Group(Version, "rolebindings"), Binding("bad", "StatefulSet", "x", "{kind: Robot, name: r2}"));
        answer.ExpectRefusal(422, "Invalid");
        Assert.Equal(["roleRef.kind", "subjects[0].kind"], answer.Causes.Select(cause => cause.Field).Order());
    }

    [Case("chart: role binding")]
    public async Task A_binding_keeps_its_role()
    {
        (await Api.PostAsync(Group(Version, "rolebindings"), Binding("fixed", "ClusterRole", "view", "{kind: User, name: x}"))).Expect(201);
        var answer = await Api.PatchAsync(Group(Version, "rolebindings/fixed"), PatchType.Merge, Manifest.Yaml("{roleRef: {name: edit}}"));
        answer.ExpectRefusal(422, "Invalid");
        Assert.EndsWith("cannot change roleRef", answer.Message, StringComparison.Ordinal);
        (await Api.PatchAsync(Group(Version, "rolebindings/fixed"), PatchType.Merge, Manifest.Yaml("{subjects: [{kind: Group, name: others}]}"))).Expect(200);
        Assert.Equal("rbac.authorization.k8s.io", (string?)(await Api.GetAsync(Group(Version, "rolebindings/fixed"))).Expect(200)["subjects"]![0]!["apiGroup"]);
    }

    [Case("operator: its role")]
    public async Task A_binding_to_a_role_that_is_missing_gives_nothing_and_is_named_in_refusals()
    {
        await BindAsync("lost", "Role", "not-there", Namespace, wait: false);
        var answer = await RefusedAsync(() => Api.As($"{Namespace}-lost").GetAsync(Core("pods")), until: message => message.Contains("not found", StringComparison.Ordinal));
        Assert.EndsWith(": RBAC: role.rbac.authorization.k8s.io \"not-there\" not found", answer.Message, StringComparison.Ordinal);
    }
}
