using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>
/// Cases about controllers alone. Their pods want a host that does not exist, so that no kubelet has a part in them, and the case
/// itself says what a kubelet would say of them. A deleted one is gone at once, unless the case holds it back.
/// </summary>
public abstract class ControllerTest(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    const string Hold = "conformance.slotwise.dev/hold";

    static readonly TimeSpan HappensWithin = TimeSpan.FromSeconds(90);

    /// <summary>What a pod of these cases asks for; never to be fulfilled.</summary>
    protected static JsonObject PodSpec() => new()
    {
        ["terminationGracePeriodSeconds"] = 0,
        ["nodeSelector"] = new JsonObject { ["conformance.slotwise.dev/host"] = "none" },
        ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = Images.Shell }),
    };

    /// <summary>An object with a selector and a template for pods labelled <c>app: NAME</c>.</summary>
    /// <param name="spec">JSON with what else the spec has, or has otherwise.</param>
    protected static JsonObject Workload(string kind, string name, int replicas, string spec = "{}")
    {
        var labels = new JsonObject { ["app"] = name };
        var its = new JsonObject
        {
            ["replicas"] = replicas,
            ["selector"] = new JsonObject { ["matchLabels"] = labels },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() }, ["spec"] = PodSpec() },
        };
        foreach (var (field, value) in JsonNode.Parse(spec)!.AsObject())
        {
            its[field] = value?.DeepClone();
        }

        return new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = its };
    }

    /// <summary>Says of a pod what its kubelet would: it runs, and is ready or not.</summary>
    protected async Task RunAsync(string pod, bool ready = true) => (await Api.PatchAsync(Core($"pods/{pod}/status"), PatchType.Strategic, JsonNode.Parse($$$"""
        {"status":{"phase":"Running","podIP":"192.0.2.{{{(pod[^1] % 10) + 1}}}","conditions":[{"type":"Ready","status":"{{{ready}}}","lastTransitionTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}"}]}}
        """)!)).Expect(200);

    /// <summary>Says that all containers of a pod ended.</summary>
    protected async Task EndAsync(string pod, string phase) =>
        (await Api.PatchAsync(Core($"pods/{pod}/status"), PatchType.Merge, new JsonObject { ["status"] = new JsonObject { ["phase"] = phase } })).Expect(200);

    /// <summary>Keeps an object where it is when it is deleted.</summary>
    protected async Task HoldAsync(string path) =>
        (await Api.PatchAsync(path, PatchType.Merge, JsonNode.Parse($$$"""{"metadata":{"finalizers":["{{{Hold}}}"]}}""")!)).Expect(200);

    protected async Task LetGoAsync(string path) =>
        (await Api.PatchAsync(path, PatchType.Merge, JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!)).Expect(200);

    protected async Task<JsonObject> MergeAsync(string path, string patch) => (await Api.PatchAsync(path, PatchType.Merge, JsonNode.Parse(patch)!)).Expect(200);

    /// <summary>Waits until the pods with a label are as they should be.</summary>
    protected Task<IReadOnlyList<JsonObject>> AwaitPodsAsync(string app, Func<IReadOnlyList<JsonObject>, bool> condition, string what) =>
        AwaitAllAsync(Core($"pods?labelSelector=app%3D{app}"), condition, what);

    /// <summary>The same, until exactly these are there and none of them is going.</summary>
    protected Task<IReadOnlyList<JsonObject>> AwaitPodsAsync(string app, params IEnumerable<string> names) =>
        AwaitPodsAsync(app, pods => pods.All(pod => !IsGoing(pod)) && pods.Select(NameOf).SequenceEqual(names), $"the pods [{string.Join(' ', names)}]");

    /// <summary>Waits until a list, named with a query, is as it should be.</summary>
    protected async Task<IReadOnlyList<JsonObject>> AwaitAllAsync(string path, Func<IReadOnlyList<JsonObject>, bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var list = (await Api.GetAsync(path)).Expect(200);
            var items = list["items"]!.AsArray().Select(item => item!.AsObject()).ToList();
            if (condition(items))
            {
                return items;
            }

            Assert.False(
                TimeProvider.System.GetElapsedTime(start) > HappensWithin,
                $"waited {HappensWithin.TotalSeconds} s for {what}: {string.Join('\n', items.Select(item => $"{NameOf(item)} {item["metadata"]!.ToJsonString()} {item["status"]?.ToJsonString()}"))}");
            await NextChangeAsync($"{path}&watch=true&resourceVersion={(string?)list["metadata"]!["resourceVersion"]}");
        }
    }

    /// <summary>Waits for an event about an object.</summary>
    protected Task<IReadOnlyList<JsonObject>> AwaitEventAsync(string about, string reason, string message = "") => AwaitAllAsync(
        Core($"events?fieldSelector=involvedObject.name%3D{about},reason%3D{reason}"),
        events => events.Any(one => ((string?)one["message"] ?? "").Contains(message, StringComparison.OrdinalIgnoreCase)),
        $"the event {reason} of {about}: {message}");

    protected static string NameOf(JsonObject obj) => (string)obj["metadata"]!["name"]!;

    protected static string UidOf(JsonObject obj) => (string)obj["metadata"]!["uid"]!;

    protected static bool IsGoing(JsonObject obj) => obj["metadata"]!["deletionTimestamp"] is not null;

    protected static string? LabelOf(JsonObject obj, string label) => (string?)obj["metadata"]!["labels"]?[label];

    /// <summary>The uids of an object's owners.</summary>
    protected static IEnumerable<string> OwnersOf(JsonObject obj) => (obj["metadata"]!["ownerReferences"]?.AsArray() ?? []).Select(owner => (string)owner!["uid"]!);

    /// <summary>A number in an object's status; 0 when it is left out.</summary>
    protected static int Count(JsonObject obj, string field) => (int?)obj["status"]?[field] ?? 0;

    /// <summary>Whether the controller has seen the newest spec.</summary>
    protected static bool IsObserved(JsonObject obj) => (long?)obj["status"]?["observedGeneration"] == (long?)obj["metadata"]!["generation"];

    async Task NextChangeAsync(string path)
    {
        using var aWhile = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await foreach (var change in Api.WatchAsync(path, aWhile.Token))
            {
                if (change.Type != "BOOKMARK")
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // look again
        }
    }
}
