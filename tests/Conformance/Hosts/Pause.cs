using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Hosts;

/// <summary>Pods that do nothing, for cases about where they are put.</summary>
static class Pause
{
    /// <param name="spec">What is added to the pod's spec, as YAML.</param>
    public static JsonObject Pod(string name, string app, string spec = "{}")
    {
        var pod = Manifest.Pod(name, "exec sleep 100000");
        pod["metadata"]!["labels"] = new JsonObject { ["app"] = app };
        pod["spec"]!["terminationGracePeriodSeconds"] = 0;
        foreach (var (key, value) in Manifest.Yaml(spec))
        {
            pod["spec"]![key] = value?.DeepClone();
        }

        return pod;
    }

    /// <summary>The names of the hosts that take pods.</summary>
    public static async Task<List<string>> HostsAsync(ApiClient api) =>
        [.. (await api.GetAsync("/api/v1/nodes")).Expect(200)["items"]!.AsArray().Where(node => TakesPods(node!)).Select(node => (string)node!["metadata"]!["name"]!).Order()];

    static bool TakesPods(JsonNode node) =>
        node["status"]!["conditions"]!.AsArray().Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True")
        && (bool?)node["spec"]!["unschedulable"] != true
        && node["spec"]!["taints"]?.AsArray().Any(taint => (string?)taint!["effect"] is "NoSchedule" or "NoExecute") != true;

    public static string? HostOf(JsonNode pod) => (string?)pod["spec"]!["nodeName"];

    /// <summary>Why it has no host, in the scheduler's words; null when it says nothing of that.</summary>
    public static string? Obstacle(JsonNode pod) =>
        (string?)(pod["status"]?["conditions"]?.AsArray() ?? []).FirstOrDefault(condition => (string?)condition!["type"] == "PodScheduled" && (string?)condition["status"] == "False")?["message"];
}
