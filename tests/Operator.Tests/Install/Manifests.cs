using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slotwise.Entities.Tests;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Operator.Tests.Install;

/// <summary>What is delivered to install the operator, as YAML.</summary>
static partial class Manifests
{
    public const string Crd = "redisclusters.redis.slotwise.dev.yaml";

    public static JsonNode Deployment => KubernetesYaml.Read(Repository.Read("config/manager/deployment.yaml"))!;

    public static JsonNode Role => KubernetesYaml.Read(Repository.Read("config/rbac/role.yaml"))!;

    public static JsonNode LeaderElectionRole => KubernetesYaml.Read(Repository.Read("config/rbac/leader_election_role.yaml"))!;

    public static JsonNode ChartDeployment => KubernetesYaml.Read(WithoutActions(Repository.Read("charts/slotwise/templates/deployment.yaml")))!;

    public static JsonNode ChartRules => KubernetesYaml.Read(WithoutActions(Repository.Read("charts/slotwise/templates/_rules.tpl")))!;

    public static IReadOnlyList<JsonNode> ChartLeaderElection =>
        KubernetesYaml.ReadAll(WithoutActions(Repository.Read("charts/slotwise/templates/leader_election.yaml")));

    public static JsonNode ChartValues => KubernetesYaml.Read(Repository.Read("charts/slotwise/values.yaml"))!;

    public static JsonNode Chart => KubernetesYaml.Read(Repository.Read("charts/slotwise/Chart.yaml"))!;

    public static JsonObject Container(JsonNode deployment) => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject();

    /// <summary>The parts of a template that are the same whatever the values: lines that only act are dropped, a value in a line becomes a word.</summary>
    static string WithoutActions(string template) => Action().Replace(ActionLine().Replace(template, ""), "templated");

    [GeneratedRegex(@"^\s*(- --namespace=)?\{\{[^\n]*\}\}\n", RegexOptions.Multiline)]
    private static partial Regex ActionLine();

    [GeneratedRegex(@"\{\{.*?\}\}")]
    private static partial Regex Action();
}
