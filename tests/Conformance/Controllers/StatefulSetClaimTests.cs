using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>The claims of a StatefulSet's pods: what they are called, and whom they go with.</summary>
public sealed class StatefulSetClaimTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: where a Redis node's data is")]
    public async Task Each_pod_has_claims_of_its_own_that_outlive_it_and_the_set()
    {
        await CreateAsync(2);
        var pods = await AwaitPodsAsync("web", "web-0", "web-1");
        Assert.Equal("data-web-1", (string?)pods[1]["spec"]!["volumes"]!.AsArray().Single(volume => (string?)volume!["name"] == "data")!["persistentVolumeClaim"]!["claimName"]);
        var claims = await AwaitClaimsAsync(claims => claims.Count == 2);
        Assert.Equal(["data-web-0", "data-web-1"], claims.Select(NameOf));
        Assert.All(claims, claim => Assert.Equal(("web", "yes"), (LabelOf(claim, "app"), LabelOf(claim, "own"))));
        Assert.All(claims, claim => Assert.Empty(OwnersOf(claim)));
        Assert.All(claims, claim => Assert.Equal("1Gi", (string?)claim["spec"]!["resources"]!["requests"]!["storage"]));

        await MergeAsync(Path, """{"spec":{"replicas":1}}""");
        await AwaitPodsAsync("web", "web-0");
        await MergeAsync(Path, """{"spec":{"replicas":2}}""");
        await AwaitPodsAsync("web", "web-0", "web-1");
        (await Api.DeleteAsync(Path)).Expect(200);
        await AwaitPodsAsync("web");
        Assert.Equal(claims.Select(UidOf), (await AwaitClaimsAsync(_ => true)).Select(UidOf));
    }

    [Case("operator: a claim that is lost is made anew for the pod that waits for it")]
    public async Task A_claim_that_is_gone_is_made_again_for_a_pending_pod()
    {
        await CreateAsync(1);
        await AwaitPodsAsync("web", "web-0");
        var before = await AwaitClaimsAsync(claims => claims.Count == 1);
        (await Api.DeleteAsync(Core("persistentvolumeclaims/data-web-0"))).Expect(200);
        // nothing tells the controller of it: the next change of the pod does
        await AwaitClaimsAsync(claims => claims.All(claim => UidOf(claim) != UidOf(before[0])));
        await MergeAsync(Core("pods/web-0"), """{"metadata":{"annotations":{"look":"again"}}}""");
        await AwaitClaimsAsync(claims => claims.Count == 1 && UidOf(claims[0]) != UidOf(before[0]));
    }

    [Case("users: persistentVolumeClaimRetentionPolicy of other sets; ours is always Retain")]
    public async Task WhenDeleted_Delete_has_claims_go_with_the_set()
    {
        var set = await CreateAsync(1, """{"whenDeleted":"Delete","whenScaled":"Retain"}""");
        await AwaitPodsAsync("web", "web-0");
        var owned = await AwaitClaimsAsync(claims => claims.Count == 1 && OwnersOf(claims[0]).SequenceEqual([UidOf(set)]));
        Assert.Equal(true, (bool?)owned[0]["metadata"]!["ownerReferences"]![0]!["controller"]);
        (await Api.DeleteAsync(Path)).Expect(200);
        await AwaitClaimsAsync(claims => claims.Count == 0);
    }

    [Case("users: persistentVolumeClaimRetentionPolicy of other sets; ours is always Retain")]
    public async Task WhenScaled_Delete_has_the_claims_of_a_pod_go_that_is_scaled_away()
    {
        await CreateAsync(2, """{"whenDeleted":"Retain","whenScaled":"Delete"}""");
        await AwaitPodsAsync("web", "web-0", "web-1");
        var before = await AwaitClaimsAsync(claims => claims.Count == 2);
        Assert.All(before, claim => Assert.Empty(OwnersOf(claim)));
        await MergeAsync(Path, """{"spec":{"replicas":1}}""");
        var after = await AwaitClaimsAsync(claims => claims.Count == 1);
        Assert.Equal(UidOf(before[0]), UidOf(after[0]));
        // a pod that is deleted, and not scaled away, keeps its claim
        (await Api.DeleteAsync(Core("pods/web-0"))).Expect(200);
        await AwaitPodsAsync("web", "web-0");
        Assert.Equal(UidOf(before[0]), UidOf((await AwaitClaimsAsync(_ => true)).Single()));
    }

    string Path => Group("apps/v1", "statefulsets/web");

    async Task<JsonObject> CreateAsync(int replicas, string? retention = null)
    {
        var set = Workload("StatefulSet", "web", replicas, """
            {"podManagementPolicy":"Parallel",
             "volumeClaimTemplates":[{"metadata":{"name":"data","labels":{"own":"yes"}},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"conformance-none","resources":{"requests":{"storage":"1Gi"}}}}]}
            """);
        set["spec"]!["persistentVolumeClaimRetentionPolicy"] = retention is null ? null : JsonNode.Parse(retention);
        return (await Api.PostAsync(Group("apps/v1", "statefulsets"), set)).Expect(201);
    }

    Task<IReadOnlyList<JsonObject>> AwaitClaimsAsync(Func<IReadOnlyList<JsonObject>, bool> condition) =>
        AwaitAllAsync(Core("persistentvolumeclaims?labelSelector=app%3Dweb"), condition, "claims");
}
