using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>How many pods may be evicted, and what an eviction is answered.</summary>
public sealed class DisruptionBudgetTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: one pod of a shard may be evicted at a time")]
    public async Task MaxUnavailable_counts_from_what_the_StatefulSet_asks_for()
    {
        await SetAsync(3);
        await BudgetAsync("web", """{"maxUnavailable":1}""");
        var none = await StatusAsync("web", now => Count(now, "expectedPods") == 3);
        Assert.Equal((0, 2, 0), (Count(none, "currentHealthy"), Count(none, "desiredHealthy"), Count(none, "disruptionsAllowed")));
        Assert.Equal(("False", "InsufficientPods"), ConditionOf(none));
        foreach (var ordinal in Enumerable.Range(0, 3))
        {
            await RunAsync($"web-{ordinal}");
        }

        var all = await StatusAsync("web", now => Count(now, "currentHealthy") == 3);
        Assert.Equal((2, 1, 3), (Count(all, "desiredHealthy"), Count(all, "disruptionsAllowed"), Count(all, "expectedPods")));
        Assert.Equal(("True", "SufficientPods"), ConditionOf(all));
        Assert.Equal((long?)all["metadata"]!["generation"], (long?)all["status"]!["observedGeneration"]);
    }

    [Case("users: budgets of their own")]
    public async Task Percentages_are_of_the_pods_wanted_and_rounded_up()
    {
        await SetAsync(3);
        foreach (var ordinal in Enumerable.Range(0, 3))
        {
            await RunAsync($"web-{ordinal}");
        }

        await BudgetAsync("least", """{"minAvailable":"50%"}""");
        await BudgetAsync("most", """{"maxUnavailable":"50%"}""");
        await BudgetAsync("number", """{"minAvailable":1}""");
        Assert.Equal((3, 2, 1), Numbers(await StatusAsync("least", now => Count(now, "currentHealthy") == 3)));
        Assert.Equal((3, 1, 2), Numbers(await StatusAsync("most", now => Count(now, "currentHealthy") == 3)));
        Assert.Equal((3, 1, 2), Numbers(await StatusAsync("number", now => Count(now, "currentHealthy") == 3)));
    }

    [Case("users: a budget over the pods of a custom resource that has no scale")]
    public async Task A_budget_that_cannot_be_calculated_allows_nothing_and_says_why()
    {
        var owner = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("owner"))).Expect(201);
        await BudgetAsync("web", """{"maxUnavailable":1}""");
        await StatusAsync("web", IsObserved);
        await PodAsync("owned", owner);
        await RunAsync("owned");
        var failed = await StatusAsync("web", now => ConditionOf(now).Reason == "SyncFailed");
        Assert.Equal("configmaps does not implement the scale subresource", (string?)failed["status"]!["conditions"]![0]!["message"]);
        await AwaitEventAsync("web", "CalculateExpectedPodCountFailed", "Failed to calculate the number of expected pods: configmaps does not implement the scale subresource");
        var refusal = (await EvictAsync("owned")).ExpectRefusal(429, "TooManyRequests");
        Assert.Equal("The disruption budget web does not allow evicting pods currently because it failed sync: configmaps does not implement the scale subresource", Assert.Single(refusal.Causes).Message);
    }

    [Case("users: kubectl drain")]
    public async Task An_eviction_is_allowed_while_the_budget_has_some_left_and_then_refused_with_429()
    {
        await PodAsync("a");
        await PodAsync("b");
        await RunAsync("a");
        await RunAsync("b");
        await BudgetAsync("web", """{"minAvailable":1}""");
        await StatusAsync("web", now => Count(now, "disruptionsAllowed") == 1);
        var dry = (await Api.PostAsync(Core("pods/a/eviction?dryRun=All"), Eviction("a"))).Expect(201);
        Assert.Equal("Success", (string?)dry["status"]);
        Assert.False(IsGoing((await Api.GetAsync(Core("pods/a"))).Expect(200)));

        await HoldAsync(Core("pods/a"));
        (await EvictAsync("a")).Expect(201);
        var evicted = (await Api.GetAsync(Core("pods/a"))).Expect(200);
        Assert.True(IsGoing(evicted));
        var target = evicted["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == "DisruptionTarget")!;
        Assert.Equal(("True", "EvictionByEvictionAPI", "Eviction API: evicting"), ((string?)target["status"], (string?)target["reason"], (string?)target["message"]));

        var refusal = (await EvictAsync("b")).ExpectRefusal(429, "TooManyRequests");
        Assert.Equal("Cannot evict pod as it would violate the pod's disruption budget.", refusal.Message);
        var cause = Assert.Single(refusal.Body["details"]!["causes"]!.AsArray())!;
        Assert.Equal("DisruptionBudget", (string?)cause["reason"]);
        Assert.Equal("The disruption budget web needs 1 healthy pods and has 1 currently", (string?)(await RefusalAsync("b", "needs")).Body["details"]!["causes"]![0]!["message"]);
        await LetGoAsync(Core("pods/a"));
    }

    [Case("users: two budgets by mistake, a chart's and their own")]
    public async Task A_pod_with_two_budgets_cannot_be_evicted()
    {
        await PodAsync("a");
        await RunAsync("a");
        await BudgetAsync("one", """{"minAvailable":0}""");
        await BudgetAsync("two", """{"minAvailable":0}""");
        await StatusAsync("two", IsObserved);
        var refusal = await EvictAsync("a");
        Assert.Equal(500, refusal.Status);
        Assert.Equal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", refusal.Message);
    }

    [Case("users: kubectl drain with pods that never became ready")]
    public async Task Pods_that_do_not_serve_may_go_whatever_the_budget_says()
    {
        await PodAsync("pending");
        await PodAsync("ended");
        await PodAsync("running");
        await EndAsync("ended", "Succeeded");
        await RunAsync("running", ready: false);
        await BudgetAsync("web", """{"minAvailable":1}""");
        await StatusAsync("web", now => IsObserved(now) && Count(now, "desiredHealthy") == 1);
        (await EvictAsync("pending")).Expect(201);
        (await EvictAsync("ended")).Expect(201);
        (await EvictAsync("running")).ExpectRefusal(429, "TooManyRequests");
        await MergeAsync(Group("policy/v1", "poddisruptionbudgets/web"), """{"spec":{"unhealthyPodEvictionPolicy":"AlwaysAllow"}}""");
        (await EvictAsync("running")).Expect(201);
        await AwaitPodsAsync("web");
    }

    [Case("users: mistakes in an eviction")]
    public async Task An_eviction_must_name_its_pod_and_the_pod_must_be_there()
    {
        Assert.Equal("name in URL does not match name in Eviction object", (await Api.PostAsync(Core("pods/a/eviction"), Eviction("b"))).ExpectRefusal(400, "BadRequest").Message);
        Assert.Equal("pods \"a\" not found", (await EvictAsync("a")).ExpectRefusal(404, "NotFound").Message);
    }

    async Task SetAsync(int replicas)
    {
        (await Api.PostAsync(Group("apps/v1", "statefulsets"), Workload("StatefulSet", "web", replicas, """{"podManagementPolicy":"Parallel"}"""))).Expect(201);
        await AwaitPodsAsync("web", pods => pods.Count == replicas, $"{replicas} pods");
    }

    async Task PodAsync(string name, JsonObject? owner = null)
    {
        var pod = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app"] = "web" } }, ["spec"] = PodSpec() };
        if (owner is not null)
        {
            pod["metadata"]!["ownerReferences"] = JsonNode.Parse($$"""[{"apiVersion":"v1","kind":"ConfigMap","name":"{{NameOf(owner)}}","uid":"{{UidOf(owner)}}","controller":true}]""");
        }

        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
    }

    async Task BudgetAsync(string name, string spec)
    {
        var its = JsonNode.Parse(spec)!.AsObject();
        its["selector"] = JsonNode.Parse("""{"matchLabels":{"app":"web"}}""");
        (await Api.PostAsync(Group("policy/v1", "poddisruptionbudgets"), new JsonObject { ["apiVersion"] = "policy/v1", ["kind"] = "PodDisruptionBudget", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = its })).Expect(201);
    }

    Task<JsonObject> StatusAsync(string name, Func<JsonObject, bool> condition) => Api.AwaitAsync(Group("policy/v1", $"poddisruptionbudgets/{name}"), condition, $"the budget {name} to be calculated");

    static JsonObject Eviction(string pod) => new() { ["apiVersion"] = "policy/v1", ["kind"] = "Eviction", ["metadata"] = new JsonObject { ["name"] = pod } };

    Task<ApiAnswer> EvictAsync(string pod) => Api.PostAsync(Core($"pods/{pod}/eviction"), Eviction(pod));

    /// <summary>The refusal, once the budget has seen what went before.</summary>
    async Task<ApiAnswer> RefusalAsync(string pod, string says)
    {
        await StatusAsync("web", now => IsObserved(now) && Count(now, "currentHealthy") == 1);
        var refusal = await EvictAsync(pod);
        Assert.Contains(says, refusal.Text, StringComparison.Ordinal);
        return refusal;
    }

    static (string? Status, string? Reason) ConditionOf(JsonObject budget) =>
        budget["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == "DisruptionAllowed") is { } found ? ((string?)found["status"], (string?)found["reason"]) : (null, null);

    static (int Expected, int Desired, int Allowed) Numbers(JsonObject budget) => (Count(budget, "expectedPods"), Count(budget, "desiredHealthy"), Count(budget, "disruptionsAllowed"));
}
