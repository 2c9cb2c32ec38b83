using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Access;

/// <summary>Pod Security Standards, by the labels of a namespace.</summary>
public sealed class PodSecurityTests(ClusterUnderTest cluster) : AccessTest(cluster)
{
    const string Everything = """
        metadata: {name: p}
        spec:
          hostNetwork: true
          schedulerName: nobody
          securityContext: {runAsUser: 0, sysctls: [{name: kernel.foo, value: "1"}]}
          containers:
          - {name: a, image: x, securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}, ports: [{containerPort: 80, hostPort: 80}]}
          - {name: b, image: x, securityContext: {runAsNonRoot: false, seccompProfile: {type: Unconfined}}}
          volumes: [{name: h, hostPath: {path: /}}]
        """;

    [Case("operator: restricted pods")]
    public async Task Restricted_refuses_with_all_that_it_minds()
    {
        await LabelAsync("enforce: restricted");
        Refused(
            await Api.PostAsync(Core("pods"), Manifest.Yaml(Everything)),
            "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": host namespaces (hostNetwork=true), hostPort (container \"a\" uses hostPort 80), "
            + "privileged (container \"a\" must not set securityContext.privileged=true), forbidden sysctls (kernel.foo), "
            + "allowPrivilegeEscalation != false (containers \"a\", \"b\" must set securityContext.allowPrivilegeEscalation=false), "
            + "unrestricted capabilities (containers \"a\", \"b\" must set securityContext.capabilities.drop=[\"ALL\"]; container \"a\" must not include \"SYS_ADMIN\" in securityContext.capabilities.add), "
            + "restricted volume types (volume \"h\" uses restricted volume type \"hostPath\"), runAsNonRoot != true (container \"b\" must not set securityContext.runAsNonRoot=false), "
            + "runAsUser=0 (pod must not set runAsUser=0), seccompProfile (container \"b\" must not set securityContext.seccompProfile.type to \"Unconfined\")");
        var plain = Manifest.Pod("plain", "exit");
        Assert.EndsWith(
            "seccompProfile (pod or container \"main\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")",
            (await Api.PostAsync(Core("pods"), plain)).ExpectRefusal(403, "Forbidden").Message,
            StringComparison.Ordinal);

        var good = Manifest.Pod("good", "exit");
        good["spec"]!["schedulerName"] = "nobody";
        good["spec"]!["securityContext"] = Manifest.Yaml("{runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}");
        good["spec"]!["containers"]![0]!["securityContext"] = Manifest.Yaml("{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}");
        (await Api.PostAsync(Core("pods"), good)).Expect(201);
    }

    [Case("user: namespaces with the baseline standard")]
    public async Task Baseline_refuses_what_reaches_for_the_host()
    {
        await LabelAsync("enforce: baseline");
        Refused(
            await Api.PostAsync(Core("pods"), Manifest.Yaml(Everything)),
            "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": non-default capabilities (container \"a\" must not include \"SYS_ADMIN\" in securityContext.capabilities.add), "
            + "host namespaces (hostNetwork=true), hostPath volumes (volume \"h\"), hostPort (container \"a\" uses hostPort 80), "
            + "privileged (container \"a\" must not set securityContext.privileged=true), "
            + "seccompProfile (container \"b\" must not set securityContext.seccompProfile.type to \"Unconfined\"), forbidden sysctls (kernel.foo)");
        var plain = Manifest.Pod("plain", "exit");
        plain["spec"]!["schedulerName"] = "nobody";
        (await Api.PostAsync(Core("pods"), plain)).Expect(201);
    }

    [Case("user: namespaces that warn")]
    public async Task Warnings_are_given_for_pods_and_for_what_makes_them()
    {
        await LabelAsync("warn: restricted");
        const string Warning = "would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"main\" must set securityContext.allowPrivilegeEscalation=false)";
        var pod = Manifest.Pod("p", "exit");
        pod["spec"]!["schedulerName"] = "nobody";
        var made = await Api.PostAsync(Core("pods"), pod);
        made.Expect(201);
        Assert.StartsWith(Warning, Assert.Single(made.Warnings), StringComparison.Ordinal);

        var set = Manifest.Yaml("{metadata: {name: s}, spec: {replicas: 0, serviceName: s, selector: {matchLabels: {app: p}}}}");
        set["spec"]!["template"] = new JsonObject { ["metadata"] = Manifest.Yaml("{labels: {app: p}}"), ["spec"] = Manifest.Pod("p", "exit")["spec"]!.DeepClone() };
        var answer = await Api.PostAsync(Group("apps/v1", "statefulsets"), set);
        answer.Expect(201);
        Assert.StartsWith(Warning, Assert.Single(answer.Warnings), StringComparison.Ordinal);
    }

    [Case("user: kubectl label namespace")]
    public async Task A_namespaces_labels_are_checked_and_its_pods_named()
    {
        var pod = Manifest.Pod("there", "exit");
        pod["spec"]!["schedulerName"] = "nobody";
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        var answer = await LabelAsync("enforce: restricted");
        Assert.Equal(
            [$"existing pods in namespace \"{Namespace}\" violate the new PodSecurity enforce level \"restricted:latest\"", "there: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"],
            answer.Warnings);
        var refused = (await PatchAsync("enforce: tight")).ExpectRefusal(422, "Invalid");
        Assert.Equal($"Namespace \"{Namespace}\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"tight\": must be one of privileged, baseline, restricted", refused.Message);
    }

    async Task<ApiAnswer> LabelAsync(string label)
    {
        var answer = await PatchAsync(label);
        answer.Expect(200);
        return answer;
    }

    Task<ApiAnswer> PatchAsync(string label) =>
        Api.PatchAsync($"/api/v1/namespaces/{Namespace}", PatchType.Merge, Manifest.Yaml($"{{metadata: {{labels: {{pod-security.kubernetes.io/{label}}}}}}}"));
}
