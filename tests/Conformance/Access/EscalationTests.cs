using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Access;

/// <summary>Nobody grants more than he has.</summary>
public sealed class EscalationTests(ClusterUnderTest cluster) : AccessTest(cluster)
{
    const string RoleWriter = """{apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [create, get, patch, update]}""";

    [Case("chart: installed by a user who is no administrator")]
    public async Task A_role_with_more_rights_than_its_writer_is_refused_with_what_he_lacks()
    {
        await GrantAsync("eve", RoleWriter, """{apiGroups: [""], resources: [pods], verbs: [list]}""");
        var answer = await Api.As($"{Namespace}-eve").PostAsync(Group(Version, "roles"), Manifest.Yaml("""{metadata: {name: r}, rules: [{apiGroups: ["", apps], resources: [pods, pods/log], verbs: [get, list]}]}"""));
        Refused(answer, $$"""
            roles.rbac.authorization.k8s.io "r" is forbidden: user "{{Namespace}}-eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
            {APIGroups:[""], Resources:["pods"], Verbs:["get"]}
            {APIGroups:[""], Resources:["pods/log"], Verbs:["get" "list"]}
            {APIGroups:["apps"], Resources:["pods"], Verbs:["get" "list"]}
            {APIGroups:["apps"], Resources:["pods/log"], Verbs:["get" "list"]}
            """);
        (await Api.As($"{Namespace}-eve").PostAsync(Group(Version, "roles"), Manifest.Yaml("""{metadata: {name: less}, rules: [{apiGroups: [""], resources: [pods], resourceNames: [a], verbs: [list]}]}"""))).Expect(201);
        (await Api.As($"{Namespace}-eve").PatchAsync(Group(Version, "roles/less"), PatchType.Merge, Manifest.Yaml("""{rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]}"""))).ExpectRefusal(403, "Forbidden");
    }

    [Case("chart: installed by a user who is no administrator")]
    public async Task The_right_to_escalate_allows_it()
    {
        await GrantAsync("adam", RoleWriter, """{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate]}""");
        (await Api.As($"{Namespace}-adam").PostAsync(Group(Version, "roles"), Manifest.Yaml("""{metadata: {name: r}, rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]}"""))).Expect(201);
    }

    [Case("chart: installed by a user who is no administrator")]
    public async Task A_binding_needs_the_roles_rights_or_the_right_to_bind_it()
    {
        await GrantAsync("eve", RoleWriter);
        var refused = (await Api.As($"{Namespace}-eve").PostAsync(Group(Version, "rolebindings"), Binding("b", "ClusterRole", "view", "{kind: ServiceAccount, name: default, namespace: x}"))).ExpectRefusal(403, "Forbidden");
        Assert.StartsWith($"rolebindings.rbac.authorization.k8s.io \"b\" is forbidden: user \"{Namespace}-eve\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n", refused.Message, StringComparison.Ordinal);
        Assert.Contains("\n{APIGroups:[\"\"], Resources:[\"configmaps\"], Verbs:[\"get\" \"list\" \"watch\"]}\n", refused.Message, StringComparison.Ordinal);

        await GrantAsync("adam", RoleWriter, """{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [view], verbs: [bind]}""");
        (await Api.As($"{Namespace}-adam").PostAsync(Group(Version, "rolebindings"), Binding("b", "ClusterRole", "view", "{kind: ServiceAccount, name: default, namespace: x}"))).Expect(201);
        (await Api.As($"{Namespace}-adam").PostAsync(Group(Version, "rolebindings"), Binding("c", "ClusterRole", "edit", "{kind: ServiceAccount, name: default, namespace: x}"))).ExpectRefusal(403, "Forbidden");
        (await Api.As($"{Namespace}-adam").PostAsync(Group(Version, "rolebindings"), Binding("d", "ClusterRole", "nope", "{kind: ServiceAccount, name: default, namespace: x}"))).ExpectRefusal(404, "NotFound");
    }
}
